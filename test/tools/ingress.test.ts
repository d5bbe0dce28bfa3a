import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay } from "../../config/stack-file.ts";
import { ensureHostProgram } from "../../local/cluster/host-tools.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { runBalancer, writeBalancerFiles, type LoopbackBalancer } from "./loopback-balancer.ts";
import { until, type LoopbackCollector } from "./loopback-collector.ts";
import { makeIngestFiles, runGateway, type IngestFiles } from "./loopback-gateway.ts";
import { runNameServer, type NameServer } from "./name-server.ts";
import { dialGrpc, logMessage, send, type Dialled, type HttpRequest } from "./otlp-sender.ts";

const host = "127.0.77.1";
const gatewayHosts = ["127.0.77.21", "127.0.77.22", "127.0.77.23"] as const;
const origin = "https://app.example.com";
const tokens = { shop: "token-of-shop" };
const authorized = { authorization: `Bearer ${tokens.shop}` };
const mebibyte = 2 ** 20;

const overlay = {
  tenants: ["shop", "web"],
  collector: {
    gateway: {
      browser: { origins: [origin, "https://*.example.org"], tenant: "web", maxRequestKiB: 64 },
      maxRequestMiB: 1,
      connectionAgeSeconds: 10,
    },
    balancer: {
      maxConnections: 9_000,
      maxConnectionsPerSource: 250,
      browserRequestsPerSecondPerSource: 5,
    },
  },
};

let haproxy: string;
let otelcol: string;
let directory: string;
let settings: Settings;
let files: IngestFiles;

beforeAll(async () => {
  ({ otelcol } = await ensureTools(["otelcol"], { log: console.log }));
  haproxy = await ensureHostProgram("haproxy", console.log);
  directory = mkdtempSync(join(tmpdir(), "sightline-ingress-"));
  settings = stackSettings("prod", overlay);
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

beforeEach(async ({ task }) => {
  files = await makeIngestFiles(join(directory, task.id), settings);
});

const at = (port: number): Dialled => ({ ...files, host, port });
const http = () => at(ports.balancer.publicHttp);
const grpc = () => at(ports.balancer.publicGrpc);
const browser = () => at(ports.balancer.browserHttp);
const startGateway = (index: 0 | 1 | 2) =>
  runGateway({ binary: otelcol, settings, files, host: gatewayHosts[index], tokens });
const startBalancer = ({ address: nameServer }: NameServer, changed = settings) =>
  runBalancer({ binary: haproxy, settings: changed, files, host, nameServer });

const logJson = (text: string, padding = 0) =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: "text", value: { stringValue: text } }] },
        scopeLogs: [{ logRecords: [{ body: { stringValue: text + "x".repeat(padding) } }] }],
      },
    ],
  });

interface LogBatch {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[];
    }[];
  }[];
}

function textsIn(gateway: LoopbackCollector): string[] {
  return (gateway.exported("otlp_http/loki") as LogBatch[])
    .flatMap(({ resourceLogs }) => resourceLogs.flatMap(({ scopeLogs }) => scopeLogs))
    .flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue));
}

async function up(balancer: LoopbackBalancer, count: number): Promise<void> {
  const backend = `haproxy_backend_active_servers{proxy="gateways-public-http"}`;
  const other = `haproxy_backend_active_servers{proxy="gateways-public-grpc"}`;
  await until(`${count} gateways are in use`, async () => {
    const counts = [await balancer.metric(backend), await balancer.metric(other)];
    return counts.every((one) => one === count);
  });
}

/** Sends one log after the other over one connection of each protocol, until it is ended; every answer is kept. */
function steadySender() {
  const answers: string[] = [];
  const sent: string[] = [];
  const latenciesMs: number[] = [];
  let going = true;
  const connection = dialGrpc(grpc());
  const loop = async () => {
    for (let index = 0; going; index += 1) {
      const text = `good-${index}`;
      const from = Date.now();
      if (index % 2 === 0) {
        const { status } = await send(http(), { headers: authorized, body: logJson(text) });
        answers.push(`http ${status}`);
      } else {
        answers.push(`grpc ${await connection.exportLogs(logMessage(text), authorized)}`);
      }
      sent.push(text);
      latenciesMs.push(Date.now() - from);
      await sleep(20);
    }
  };
  const done = loop();
  return {
    async end() {
      going = false;
      await done;
      connection[Symbol.dispose]();
      return { answers: new Set(answers), sent, slowestMs: Math.max(...latenciesMs) };
    },
  };
}

const allGood = new Set(["http 200", "grpc 0"]);

describe("the balancer refuses what may not come in, and says why", () => {
  it("with the right status at each door, while a good sender is served", async () => {
    await using names = await runNameServer("127.0.77.1");
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    const good = steadySender();

    const status = async (to: Dialled, request: HttpRequest) => (await send(to, request)).status;
    const big = logJson("big", mebibyte);
    const bomb = gzipSync(Buffer.alloc(200 * mebibyte, " "));
    const chunked = { ...authorized, "transfer-encoding": "chunked" };
    const refusals: Record<string, number | string> = {
      "no token": await status(http(), { body: logJson("bad") }),
      "wrong token": await status(http(), {
        headers: { authorization: "Bearer wrong" },
        body: logJson("bad"),
      }),
      "another scheme": await status(http(), {
        headers: { authorization: `Basic ${tokens.shop}` },
        body: logJson("bad"),
      }),
      "too large, as it says": await status(http(), {
        headers: { ...authorized, expect: "100-continue" },
        body: big,
      }),
      "too large, unsaid": await status(http(), { headers: chunked, body: big }),
      "a bomb": await status(http(), {
        headers: { ...authorized, "content-encoding": "gzip" },
        body: bomb,
      }),
      malformed: await status(http(), { headers: authorized, body: "{" }),
      "not OTLP": await status(http(), {
        headers: { ...authorized, "content-type": "text/plain" },
        body: "bad",
      }),
      "another path": await status(http(), { headers: authorized, path: "/", body: "{}" }),
      "a page of another origin": await status(browser(), {
        headers: { origin: "https://evil.example.com" },
        body: logJson("bad"),
      }),
      "a page of an origin that looks alike": await status(browser(), {
        headers: { origin: "https://evil.com/.example.org" },
        body: logJson("bad"),
      }),
      "no origin": await status(browser(), { body: logJson("bad") }),
      "a page's question for another origin": await status(browser(), {
        method: "OPTIONS",
        headers: {
          origin: "https://evil.example.com",
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      }),
      "too large for a page": await status(browser(), {
        headers: { origin },
        body: logJson("bad", 65 * 1_024),
      }),
    };
    using connection = dialGrpc(grpc());
    refusals["gRPC without token"] = await connection.exportLogs(logMessage("bad"));
    const wrong = { authorization: "Bearer wrong" };
    refusals["gRPC with a wrong token"] = await connection.exportLogs(logMessage("bad"), wrong);
    const tooBig = logMessage("x".repeat(mebibyte));
    refusals["gRPC too large"] = await connection.exportLogs(tooBig, authorized);
    const garbage = Buffer.from("no protobuf at all");
    refusals["gRPC malformed"] = await connection.exportLogs(garbage, authorized);

    expect(refusals).toEqual({
      "no token": 401,
      "wrong token": 401,
      "another scheme": 401,
      "too large, as it says": 413,
      "too large, unsaid": 400,
      "a bomb": 400,
      malformed: 400,
      "not OTLP": 415,
      "another path": 404,
      "a page of another origin": 403,
      "a page of an origin that looks alike": 403,
      "no origin": 403,
      "a page's question for another origin": 403,
      "too large for a page": 413,
      "gRPC without token": "http 401",
      // UNAUTHENTICATED, RESOURCE_EXHAUSTED, INTERNAL.
      "gRPC with a wrong token": "16",
      "gRPC too large": "8",
      "gRPC malformed": "13",
    });
    const page = { headers: { origin: "https://a.b.example.org" }, body: logJson("from a page") };
    expect(await send(browser(), page)).toMatchObject({ status: 200 });

    const { answers, sent } = await good.end();
    expect(answers).toEqual(allGood);
    await until("all that was good is there", () => textsIn(gateway).length >= sent.length + 1);
    expect(textsIn(gateway).sort()).toEqual([...sent, "from a page"].sort());
    const denied = (proxy: string) =>
      balancer.metric(`haproxy_backend_requests_denied_total{proxy="${proxy}"}`);
    expect(await denied("refused-without-token")).toBe(2);
    expect(await denied("refused-origin")).toBe(4);
    expect(await denied("refused-too-large")).toBe(2);
    expect(await denied("refused-too-fast")).toBe(0);
  });
});

/** Connections that send nothing, from many addresses; `kept` are those that the balancer has not closed. */
async function idleConnections(count: number, perSource: number) {
  const sockets: Socket[] = [];
  const open = (index: number) => {
    const localAddress = `127.0.${78 + Math.floor(index / perSource / 200)}.${1 + (Math.floor(index / perSource) % 200)}`;
    const socket = createConnection({ host, port: ports.balancer.publicHttp, localAddress });
    socket.on("error", () => undefined);
    sockets.push(socket);
    return new Promise<void>((resolve) => {
      socket.once("connect", resolve).once("close", () => {
        resolve();
      });
    });
  };
  const step = 500;
  for (let from = 0; from < count; from += step) {
    await Promise.all(Array.from({ length: step }, (_, index) => open(from + index)));
  }
  return {
    kept: () => sockets.filter(({ readyState }) => readyState === "open").length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

describe("a good sender is unharmed", () => {
  const idle = 8_500;

  it(`beside ${idle} idle connections from many addresses, and ten times what one may have`, async () => {
    await using names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    const before = residentMiB(balancer.pid);
    const many = await idleConnections(idle, 100);
    const oneSource = await idleConnections(2_500, 2_500);
    const good = steadySender();
    await sleep(3_000);
    const { answers, sent, slowestMs } = await good.end();
    expect(answers).toEqual(allGood);
    expect(sent.length).toBeGreaterThan(20);
    expect(slowestMs).toBeLessThan(1_000);
    expect(many.kept()).toBe(idle);
    // The address shares its limit with the other test's own.
    expect(oneSource.kept()).toBeLessThanOrEqual(250);
    console.log(
      `idle connections: ${(((residentMiB(balancer.pid) - before) * 1_024) / idle).toFixed(1)} KiB each; slowest good request ${slowestMs} ms`,
    );
    many.end();
    oneSource.end();
    await until("all good is there", () => textsIn(gateway).length >= sent.length);
  });

  it("beside slow senders, who are answered 408, and what says nothing is closed", async () => {
    await using names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    const good = steadySender();
    const head = `POST /v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.shop}\r\nContent-Type: application/json\r\n`;
    const dribbled = await Promise.all([
      dribble(`${head}Content-Length: 5000\r\n\r\n`, "{"),
      dribble(head, "X-Slow: 1\r\n"),
    ]);
    for (const { answer, seconds } of dribbled) {
      expect(answer).toMatch(/^HTTP\/1.1 408 /);
      expect(seconds).toBeGreaterThan(8);
      expect(seconds).toBeLessThan(13);
    }
    const { answers, slowestMs } = await good.end();
    expect(answers).toEqual(allGood);
    expect(slowestMs).toBeLessThan(1_000);
    expect(textsIn(gateway)).not.toContain("{");
  });

  it("beside one who sends too much: 429, when to come back, and its own count", async () => {
    await using names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    const slow = { collector: { balancer: { requestsPerSecondPerToken: 5 } } };
    const limited = stackSettings("prod", mergeOverlay(overlay, slow));
    await using balancer = await startBalancer(names, limited);
    await up(balancer, 1);
    const answersTo = async (to: Dialled, request: HttpRequest, count: number) => {
      const all = [];
      for (let index = 0; index < count; index += 1) all.push(await send(to, request));
      return all;
    };
    const fast = await answersTo(http(), { headers: authorized, body: logJson("fast") }, 60);
    expect(fast.filter(({ status }) => status === 200)).toHaveLength(50);
    const refused = fast.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0]?.headers["retry-after"]).toBe("5");
    using connection = dialGrpc(grpc());
    expect(await connection.exportLogs(logMessage("fast"), authorized)).toBe("http 429");
    // Another token at the same address goes on: here one that no gateway knows.
    const other = { authorization: "Bearer other" };
    expect((await send(http(), { headers: other, body: "{}" })).status).toBe(401);
    const pages = await answersTo(browser(), { headers: { origin }, body: logJson("page") }, 51);
    expect(pages.map(({ status }) => status)).toEqual([...Array<number>(50).fill(200), 429]);
    const series = `haproxy_backend_requests_denied_total{proxy="refused-too-fast"}`;
    expect(await balancer.metric(series)).toBe(12);
    await until("what was taken is there", () => textsIn(gateway).length === 100);
  });
});

/** Sends a beginning and then a piece each second; gives the answer and how long it took. */
async function dribble(beginning: string, piece: string) {
  const socket = connectTls({
    host,
    port: ports.balancer.publicHttp,
    ca: files.authority,
    servername: files.serverName,
  });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const from = Date.now();
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(beginning);
  const timer = setInterval(() => socket.write(piece), 1_000);
  await once(socket, "close");
  clearInterval(timer);
  return { answer, seconds: (Date.now() - from) / 1_000 };
}

describe("the gateways behind it", () => {
  it("share the requests of clients that never dial again, three as soon as there are three", async () => {
    await using names = await runNameServer(host);
    await using first = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    using connection = dialGrpc(grpc());
    const sendBoth = async (count: number, text: string) => {
      for (let index = 0; index < count; index += 1) {
        const { status } = await send(http(), { headers: authorized, body: logJson(text), agent });
        expect(status).toBe(200);
        expect(await connection.exportLogs(logMessage(text), authorized)).toBe("0");
      }
    };
    await sendBoth(30, "to one");
    await using second = await startGateway(1);
    await using third = await startGateway(2);
    names.addresses = [...gatewayHosts];
    await up(balancer, 3);
    await sendBoth(150, "to three");
    agent.destroy();
    const gateways = [first, second, third];
    const shares = () =>
      gateways.map((gateway) => textsIn(gateway).filter((text) => text === "to three").length);
    await until("all is there", () => shares().reduce((sum, share) => sum + share, 0) === 300);
    // A tenth of a third; round robin deals to the one.
    for (const share of shares()) expect(Math.abs(share - 100)).toBeLessThanOrEqual(10);
  });

  it("lose no request when one dies, is rolled, or ends its connections for their age", async () => {
    await using names = await runNameServer(host);
    await using first = await startGateway(0);
    await using second = await startGateway(1);
    names.addresses = [gatewayHosts[0], gatewayHosts[1]];
    await using balancer = await startBalancer(names);
    await up(balancer, 2);
    const good = steadySender();
    // Longer than the age of connections, which these settings lower.
    await sleep(12_000);
    // As a pod leaves: its name first, and then it stops.
    names.addresses = [gatewayHosts[1]];
    await up(balancer, 1);
    await first[Symbol.asyncDispose]();
    await sleep(1_000);
    const { answers, sent } = await good.end();
    expect(answers).toEqual(allGood);
    const stored = () => [...textsIn(first), ...textsIn(second)];
    await until("all is there", () => stored().length >= sent.length);
    expect(stored().sort()).toEqual([...sent].sort());
  });

  it("are not believed with a certificate of another authority", async () => {
    await using names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    const own = files;
    const stranger = await makeIngestFiles(join(directory, "stranger"), settings);
    copyFileSync(join(stranger.directory, "ca.crt"), join(own.directory, "ca.crt"));
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    const request = { headers: authorized, body: logJson("to nobody") };
    expect((await send(http(), request)).status).toBe(503);
    expect(textsIn(gateway)).toEqual([]);
  });

  it("are still known while nobody answers for names", async () => {
    const names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    await names[Symbol.asyncDispose]();
    await sleep(15_000);
    const request = { headers: authorized, body: logJson("still") };
    expect((await send(http(), request)).status).toBe(200);
    await until("it is there", () => textsIn(gateway).includes("still"));
  });
});

describe("the balancer itself", () => {
  it.each(["dev", "prod"] as const)("takes the file of %s without a word", async (stack) => {
    const own = stackSettings(stack);
    const made = await makeIngestFiles(join(directory, stack), own);
    const args = { settings: own, files: made, host, nameServer: `${host}:53` };
    const config = writeBalancerFiles(args);
    const { status, stderr } = spawnSync(haproxy, ["-c", "-q", "-f", config], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("takes up a renewed certificate without a restart, and keeps the one before where the new one is damaged", async () => {
    await using names = await runNameServer(host);
    await using balancer = await startBalancer(names);
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const { host: at_, port, serverName, authority } = http();
        const socket = connectTls(
          { host: at_, port, servername: serverName, ca: authority },
          () => {
            resolve(socket.getPeerCertificate().fingerprint256);
            socket.destroy();
          },
        );
        socket.once("error", reject);
      });
    const before = await shown();
    writeFileSync(join(files.directory, "tls.crt"), "damaged");
    await until("the damage is said", () =>
      balancer.log().includes("cannot take up the renewed certificate"),
    );
    expect(await shown()).toBe(before);
    const renewed = await makeIngestFiles(join(directory, "renewed"), settings);
    for (const name of ["tls.key", "tls.crt"]) {
      copyFileSync(join(renewed.directory, name), join(files.directory, name));
    }
    files = { ...files, authority: renewed.authority };
    await until("the renewed one is shown", () =>
      shown().then(
        (one) => one !== before,
        () => false,
      ),
    );
  });

  it("finishes what it has begun when it is told to stop, and then ends", async () => {
    await using names = await runNameServer(host);
    await using gateway = await startGateway(0);
    names.addresses = [gatewayHosts[0]];
    await using balancer = await startBalancer(names);
    await up(balancer, 1);
    using connection = dialGrpc(grpc());
    expect(await connection.exportLogs(logMessage("before"), authorized)).toBe("0");
    const body = logJson("under way");
    const socket = connectTls({ ...http(), ca: files.authority, servername: files.serverName });
    await once(socket, "secureConnect");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(
      `POST /v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.shop}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await sleep(300);
    const stopped = balancer.stop();
    await sleep(500);
    await expect(send(http(), { headers: authorized, body })).rejects.toThrow(/ECONNREFUSED/);
    // An idle one is told to dial again, which is another balancer then.
    await until("the idle connection is ended", () => connection.session.closed);
    socket.write(body);
    await until("the request under way is answered", () => answer.startsWith("HTTP/1.1 200 "));
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(await stopped).toBeLessThan(10);
    await until("both are there", () => textsIn(gateway).length === 2);
  });
});
