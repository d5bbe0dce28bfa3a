import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentConfig } from "../../collector-config/agent.ts";
import { clusterConfig } from "../../collector-config/cluster.ts";
import { collectorDocument } from "../../collector-config/render.ts";
import { endpoints } from "../../config/endpoints.ts";
import { logMark } from "../../config/log-mark.ts";
import { toYaml } from "../../config/yaml.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { freePort, runOnLoopback, until, type CollectorDocument } from "./loopback-collector.ts";

let binary: string;
let directory: string;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-agent-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function documentOf(role: "agent" | "cluster", stack: "dev" | "prod"): CollectorDocument {
  const settings = stackSettings(stack);
  const config = { agent: agentConfig, cluster: clusterConfig }[role](
    settings,
    endpoints(settings),
  );
  return collectorDocument(config) as unknown as CollectorDocument;
}

it.each([
  ["agent", "dev"],
  ["agent", "prod"],
  ["cluster", "dev"],
  ["cluster", "prod"],
] as const)("the collector takes the %s of %s", (role, stack) => {
  const path = join(directory, `${role}-${stack}.yaml`);
  // Only in a pod is there a token for the kubelet, which is read before anything is checked.
  const text = toYaml(documentOf(role, stack)).replace(
    /(kubelet_stats\/node:\n\s+auth_type: )serviceAccount/,
    "$1none",
  );
  writeFileSync(path, text);
  const { status, stderr } = spawnSync(binary, ["validate", "--config", path], {
    encoding: "utf8",
    env: { ...process.env, POD_NAME: "pod", NODE_NAME: "node", NODE_IP: "192.0.2.1" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

/** Runs the agent's two tails over a folder of the test's own. */
async function runTails(own: string) {
  const document = documentOf("agent", "dev");
  const names = ["logs/pods", "logs/collectors"];
  const moved = JSON.parse(
    JSON.stringify(document.receivers).replaceAll("/var/log/pods", join(own, "pods")),
  ) as CollectorDocument["receivers"];
  const tails = Object.entries(moved).filter(([id]) => id.startsWith("file_log/"));
  const pipelines = Object.entries(document.service.pipelines);
  const health = `127.0.0.1:${await freePort()}`;
  return runOnLoopback(
    binary,
    {
      ...document,
      service: {
        ...document.service,
        pipelines: Object.fromEntries(pipelines.filter(([id]) => names.includes(id))),
      },
      processors: Object.fromEntries(
        Object.entries(document.processors).filter(([id]) => !/claims|node/.test(id)),
      ),
      exporters: { "otlp_grpc/gateways-logs": document.exporters["otlp_grpc/gateways-logs"] ?? {} },
    },
    own,
    {
      receivers: Object.fromEntries(tails),
      extensions: {
        "health_check/probes": { endpoint: health },
        "file_storage/queue": { directory: own },
      },
      health,
    },
  );
}

const uid = "11111111-2222-3333-4444-555555555555";

function print(own: string, pod: string, file: string, ...texts: string[]): void {
  const path = join(own, "pods", `${pod}_${uid}`, file);
  mkdirSync(dirname(path), { recursive: true });
  const lines = texts.map((text) => `${new Date().toISOString()} stdout F ${text}\n`);
  appendFileSync(path, lines.join(""));
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Batch {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly body: { readonly stringValue: string };
        readonly traceId?: string;
        readonly spanId?: string;
        readonly severityText?: string;
      }[];
    }[];
  }[];
}

function recordsIn(batches: readonly unknown[]) {
  return (batches as Batch[])
    .flatMap(({ resourceLogs }) => resourceLogs)
    .flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map((record) => ({
          text: record.body.stringValue,
          traceId: record.traceId ?? "",
          severity: record.severityText ?? "",
          service: resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue,
        })),
      ),
    );
}

const exporter = "otlp_grpc/gateways-logs";

it("reads what pods print, and drops what came by OTLP, is too old, or a debug exporter printed", async () => {
  const own = mkdtempSync(join(directory, "tail-"));
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const linked = JSON.stringify({ msg: "linked", trace_id: traceId });
  const quoted = JSON.stringify({ msg: linked });
  print(own, "shop_web-1", "web/0.log.20261121-101010", "rotated");
  print(
    own,
    "shop_web-1",
    "web/0.log",
    "plain",
    linked,
    quoted,
    JSON.stringify({ msg: "delivered", [logMark.field]: logMark.value }),
    `delivered${logMark.suffix}`,
    JSON.stringify({ msg: "printed", "otelcol.component.id": "debug/console" }),
  );
  const path = join(own, "pods", `shop_web-1_${uid}`, "web", "0.log");
  appendFileSync(path, "2020-01-01T00:00:00.000000000Z stdout F of long ago\n");
  // A line that the runtime has split.
  const now = new Date().toISOString();
  appendFileSync(path, `${now} stdout P one \n${now} stdout F line\n`);
  await using collector = await runTails(own);
  const found = () => recordsIn(collector.exported(exporter));
  await until("the last line is read", () => found().some(({ text }) => text === "one line"));
  const line = (text: string, id = "") => ({ text, traceId: id, severity: "", service: "web" });
  expect(found().sort((a, b) => (a.text < b.text ? -1 : 1))).toEqual(
    [line("rotated"), line("plain"), line(linked, traceId), line(quoted), line("one line")].sort(
      (a, b) => (a.text < b.text ? -1 : 1),
    ),
  );
});

it("reads collectors' own lines as what they are, and a crash as it stands", async () => {
  const own = mkdtempSync(join(directory, "own-"));
  const line = { level: "warn", ts: "2026", msg: "slow", resource: { a: "b" }, error: "boom" };
  const printed = { level: "info", msg: "record", "otelcol.component.id": "debug/console" };
  const texts = [JSON.stringify(line), JSON.stringify(printed), "panic: plain"];
  print(own, "sightline_gateway-0", "collector/0.log", ...texts);
  await using collector = await runTails(own);
  const found = () => recordsIn(collector.exported(exporter));
  await until("the last line is read", () => found().some(({ text }) => text.startsWith("panic")));
  expect(found().map(({ text, severity }) => [text, severity])).toEqual([
    ["slow", "warn"],
    ["panic: plain", ""],
  ]);
});

it("goes on where it stopped, without a line lost or read twice", async () => {
  const own = mkdtempSync(join(directory, "again-"));
  const texts = (from: number) => Array.from({ length: 500 }, (_, i) => `line ${from + i}`);
  const seen: string[] = [];
  for (const from of [0, 500]) {
    print(own, "shop_web-1", "web/0.log", ...texts(from));
    await using collector = await runTails(own);
    const found = () => recordsIn(collector.exported(exporter)).map(({ text }) => text);
    await until("all lines are read", () => found().includes(`line ${from + 499}`));
    seen.push(...found());
  }
  expect(seen).toEqual([...texts(0), ...texts(500)]);
});
