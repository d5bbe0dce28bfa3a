import { createHash } from "node:crypto";
import { createServer, connect, type Server } from "node:net";

const retryMs = 500;

/**
 * Runs `work` while no other process of this machine makes tools in the same cache. The lock is an
 * abstract Unix socket: the kernel frees it when its holder dies, so it is never left behind.
 */
export async function withBuildLock<T>(
  cacheRoot: string,
  log: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const name = createHash("sha256").update(cacheRoot).digest("hex").slice(0, 16);
  const server = await acquire(`\0sightline-tools-${name}`, log);
  try {
    return await work();
  } finally {
    await new Promise((done) => server.close(done));
  }
}

async function acquire(address: string, log: (line: string) => void): Promise<Server> {
  for (let attempt = 0; ; attempt += 1) {
    const server = await listen(address);
    if (server !== undefined) return server;
    if (attempt === 0) {
      log(`tools: waiting for process ${await askHolder(address)}, which is making tools`);
    }
    await new Promise((resume) => setTimeout(resume, retryMs));
  }
}

/** A server that tells whoever connects which process holds the lock, or nothing if it is taken. */
async function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(String(process.pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      // The lock alone must not keep a process alive.
      server.unref();
      resolve(server);
    });
  });
}

async function askHolder(address: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    connect(address)
      .on("data", (chunk) => (answer += chunk.toString()))
      .on("error", () => undefined)
      .on("close", () => {
        resolve(answer || "unknown");
      });
  });
}
