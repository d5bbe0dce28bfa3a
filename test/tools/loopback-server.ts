import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./loopback-collector.ts";

/** A server to run beside the test. */
export interface ServerProgram {
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly url: string;
  /** Answers 200 once it serves. */
  readonly readyPath: string;
}

/** A running server, stopped when it is disposed of. */
export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
}

/** Longer than any of them needs to stop; then it is killed, as Kubernetes would. */
const stopMs = 5_000;

/** Runs a server. One that ends before it is ready fails with what it wrote. */
export async function runServer(program: ServerProgram): Promise<LoopbackServer> {
  const { binary, args, env, url, readyPath } = program;
  const server = spawn(binary, args, { env: { ...process.env, ...env } });
  let log = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  }
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const stop = async () => {
    server.kill("SIGTERM");
    await Promise.race([ended, sleep(stopMs, undefined, { ref: false })]);
    server.kill("SIGKILL");
    await ended;
  };
  try {
    await until(`${binary} is ready`, async () => {
      if (server.exitCode !== null) throw new Error(`${binary} ended:\n${log}`);
      return fetch(`${url}${readyPath}`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}
