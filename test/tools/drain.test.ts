import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { collectorDocument } from "../../collector-config/render.ts";
import { endpoints } from "../../config/endpoints.ts";
import { metricNames } from "../../config/metric-names.ts";
import { toYaml } from "../../config/yaml.ts";
import { drain } from "../../drain/src/drain.js";
import { readHeld } from "../../drain/src/queues.js";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { freePort, until } from "./loopback-collector.ts";

type Part = Record<string, unknown>;

/** What is undone when a test ends, the last first. */
const undo: (() => unknown)[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sightline-drain-"));
  undo.push(() => {
    rmSync(directory, { recursive: true });
  });
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** The production gateway's way of logs to Loki, with its queue on disk. */
async function startCollector(loki: string) {
  const { otelcol } = await ensureTools(["otelcol"], { log: console.log });
  const settings = stackSettings("prod");
  const document = collectorDocument(gatewayConfig(settings, endpoints(settings)));
  const { exporters, extensions } = document as unknown as Record<string, Record<string, Part>>;
  const [otlp, metrics] = [await freePort(), await freePort()];
  const config = {
    extensions: {
      "file_storage/queue": {
        ...extensions?.["file_storage/queue"],
        directory,
        compaction: { directory },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    exporters: { "otlp_http/loki": { ...exporters?.["otlp_http/loki"], endpoint: loki } },
    service: {
      extensions: ["file_storage/queue"],
      telemetry: {
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: metrics } } } }],
        },
      },
      pipelines: { logs: { receivers: ["otlp"], exporters: ["otlp_http/loki"] } },
    },
  };
  const path = join(directory, "collector.yaml");
  writeFileSync(path, toYaml(config));
  const collector = spawn(otelcol, ["--config", path], { stdio: "ignore" });
  const ended = new Promise((resolve) => collector.once("exit", resolve));
  undo.push(async () => {
    collector.kill("SIGKILL");
    await ended;
  });
  const where = {
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    queueMetric: metricNames.collector.queueSize,
    inFlightMetric: metricNames.collector.inFlight,
  };
  await until("the collector tells of its queue", async () => {
    return readHeld(where).then(
      () => true,
      () => false,
    );
  });
  return { collector, otlp: `http://127.0.0.1:${otlp}`, where };
}

/** A place for logs that is away until it is told to be there. */
async function startLoki() {
  let received = 0;
  let isThere = false;
  const server = createServer((request, answer) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    request.once("end", () => {
      if (isThere) received += text.split("a record").length - 1;
      answer.writeHead(isThere ? 200 : 503).end();
    });
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  undo.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    received: () => received,
    comesBack: () => {
      isThere = true;
    },
  };
}

async function send(otlp: string, count: number): Promise<void> {
  const logRecords = Array.from({ length: count }, () => ({ body: { stringValue: "a record" } }));
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${otlp}/v1/logs`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
}

function wait(where: Parameters<typeof readHeld>[0], drainSeconds: number) {
  const lines: string[] = [];
  const outcome = drain({
    leaveSeconds: 0,
    drainSeconds,
    settleSeconds: 3,
    read: () => readHeld(where),
    ask: () => Promise.resolve({ fate: "leaves", because: "fewer are wanted" }),
    log: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  return { lines, outcome };
}

it("a collector's queue is seen to fill while its target is away, and to be sent once it is back", async () => {
  const loki = await startLoki();
  const { otlp, where } = await startCollector(loki.url);
  expect(await readHeld(where)).toMatchObject({ records: 0, inFlight: 0 });

  await send(otlp, 2_500);
  const { lines, outcome } = wait(where, 60);
  await until("it says what it waits for", () => lines.length > 0);
  expect(lines[0]).toContain("2500 records in its queues (2500 for otlp_http/loki (logs))");
  // Batches that are tried again are under way, not lost sight of.
  await until("batches are tried", async () => (await readHeld(where)).inFlight > 0);
  expect(loki.received()).toBe(0);

  loki.comesBack();
  // Over a kept connection something still comes in.
  await send(otlp, 10);
  expect(await outcome).toMatchObject({ drained: true, because: "nothing is left" });
  expect(loki.received()).toBe(2_510);
});

it("a target that stays away leaves on the disk what was counted", async () => {
  const loki = await startLoki();
  const first = await startCollector(loki.url);
  await send(first.otlp, 700);
  expect(await wait(first.where, 3).outcome).toMatchObject({
    drained: false,
    held: { queues: [{ exporter: "otlp_http/loki", signal: "logs", records: 700 }] },
  });
  first.collector.kill("SIGTERM");
  await new Promise((resolve) => first.collector.once("exit", resolve));

  loki.comesBack();
  const next = await startCollector(loki.url);
  expect(await wait(next.where, 60).outcome).toMatchObject({ drained: true });
  expect(loki.received()).toBe(700);
});
