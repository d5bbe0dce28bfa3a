import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { ensureHostProgram } from "../../local/cluster/host-tools.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { runBalancer, type LoopbackBalancer } from "./loopback-balancer.ts";
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
