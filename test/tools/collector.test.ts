import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { collectorDocument, renderCollectorConfig } from "../../collector-config/render.ts";
import { samplerConfig } from "../../collector-config/sampler.ts";
import { endpoints } from "../../config/endpoints.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { runOnLoopback, until, type CollectorDocument } from "./loopback-collector.ts";

const roles = { gateway: gatewayConfig, sampler: samplerConfig };
type Role = keyof typeof roles;

let binary: string;
let directory: string;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-collector-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function configOf(role: Role, stack: string, overlay?: unknown) {
  const file = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(import.meta.dirname, "..", "..", file));
  const settings = parseConfig(file, mergeOverlay(written, overlay));
  return roles[role](settings, endpoints(settings));
}

describe("the collector itself", () => {
  it.each([
    ["gateway", "dev"],
    ["gateway", "prod"],
    ["sampler", "dev"],
    ["sampler", "prod"],
  ] as const)("takes the %s of %s", (role, stack) => {
    const path = join(directory, `${stack}-${role}.yaml`);
    writeFileSync(path, renderCollectorConfig(configOf(role, stack)));
    const { status, stderr } = spawnSync(binary, ["validate", "--config", path], {
      encoding: "utf8",
      env: { ...process.env, POD_NAME: "pod" },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

interface Attribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes?: readonly Attribute[];
}

interface Point {
  readonly attributes: readonly Attribute[];
  readonly count?: string;
  readonly exemplars?: readonly { readonly traceId: string }[];
}

/** OTLP JSON, as far as these tests read it. */
interface Batch {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram?: { readonly dataPoints: readonly Point[] };
      }[];
    }[];
  }[];
}

function spansIn(batches: readonly unknown[]): Span[] {
  return (batches as Batch[])
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function pointsIn(batches: readonly unknown[], metric: string): Point[] {
  return (batches as Batch[])
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter(({ name }) => name === metric)
    .flatMap(({ histogram }) => histogram?.dataPoints ?? []);
}

function attribute(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } };
}

function newTrace({ failed = false, attributes = [] as Attribute[] } = {}) {
  const traceId = randomBytes(16).toString("hex");
  const root = randomBytes(8).toString("hex");
  const end = BigInt(Date.now()) * 1_000_000n;
  const times = {
    startTimeUnixNano: String(end - 20_000_000n),
    endTimeUnixNano: String(end),
  };
  const status = { code: failed ? 2 : 0 };
  const child = { spanId: randomBytes(8).toString("hex"), parentSpanId: root };
  const spans = [
    { traceId, spanId: root, name: "GET /buy", kind: 2, status, attributes, ...times },
    { traceId, ...child, name: "SELECT", kind: 3, ...times },
  ];
  const resource = { attributes: [attribute("service.name", "shop")] };
  return { traceId, resourceSpans: { resource, scopeSpans: [{ spans }] } };
}

async function send(otlpHttp: string, traces: readonly ReturnType<typeof newTrace>[]) {
  const body = JSON.stringify({
    resourceSpans: traces.map(({ resourceSpans }) => resourceSpans),
  });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${otlpHttp}/v1/traces`, { method: "POST", headers, body });
  expect(response.status).toBe(200);
}

async function run(role: Role, overlay: unknown) {
  const document = collectorDocument(configOf(role, "prod", overlay));
  const own = mkdtempSync(join(directory, `${role}-`));
  return runOnLoopback(binary, document as unknown as CollectorDocument, own);
}

describe("a running gateway", () => {
  const overlay = { collector: { gateway: { public: { enabled: false } } } };

  it("deals every trace whole to one of three samplers, in equal shares", async () => {
    await using gateway = await run("gateway", overlay);
    const traces = Array.from({ length: 3_000 }, () => newTrace());
    await send(gateway.otlpHttp, traces);
    const shares = () =>
      [0, 1, 2].map((ordinal) => spansIn(gateway.exported(`otlp_grpc/sampler-${ordinal}`)));
    await until("all spans are dealt", () => shares().flat().length >= 6_000);

    const tracesOf = shares().map((spans) => new Set(spans.map(({ traceId }) => traceId)));
    expect(shares().flat()).toHaveLength(6_000);
    expect(tracesOf.reduce((sum, { size }) => sum + size, 0)).toBe(3_000);
    // Of 3000 at random, a share of 800 or less comes once in 10^14 runs.
    for (const { size } of tracesOf) expect(size).toBeGreaterThan(800);
  });

  it("masks secrets by their keys, whatever their type, and leaves the rest", async () => {
    await using gateway = await run("gateway", overlay);
    const header = { arrayValue: { values: [{ stringValue: "Bearer abc" }] } };
    const attributes: Attribute[] = [
      { key: "http.request.header.authorization", value: header },
      attribute("accessToken", "a$b"),
      { key: "pin_secret", value: { intValue: "4711" } },
      attribute("http.route", "/buy"),
      { key: "gen_ai.usage.input_tokens", value: { intValue: "7" } },
    ];
    await send(gateway.otlpHttp, [newTrace({ attributes })]);
    const received = () =>
      [0, 1, 2]
        .flatMap((ordinal) => spansIn(gateway.exported(`otlp_grpc/sampler-${ordinal}`)))
        .flatMap((span) => span.attributes ?? []);
    await until("the span is there", () => received().length > 0);
    expect(received()).toEqual([
      attribute("http.request.header.authorization", "****"),
      attribute("accessToken", "****"),
      attribute("pin_secret", "****"),
      attribute("http.route", "/buy"),
      { key: "gen_ai.usage.input_tokens", value: { intValue: "7" } },
    ]);
  });
});

describe("a running sampler", () => {
  const keep = { budgetSpansPerSecond: 0, percentage: 0 };

  it("measures every request, keeps errors, and makes exemplars of what it keeps", async () => {
    await using sampler = await run("sampler", { collector: { sampler: { keep } } });
    const failed = newTrace({ failed: true });
    await send(sampler.otlpHttp, [newTrace(), failed, newTrace()]);
    const metrics = () => sampler.exported("otlp_http/prometheus-0");
    const counted = (metric: string) => {
      const last = new Map(
        pointsIn(metrics(), metric).map((point) => [JSON.stringify(point.attributes), point]),
      );
      return [...last.values()].reduce((sum, { count }) => sum + Number(count), 0);
    };
    await until("kept spans are measured", () => counted("traces.kept.duration") > 0);

    expect(counted("traces.spanmetrics.duration")).toBe(6);
    expect(counted("traces.kept.duration")).toBe(2);
    const kept = spansIn(sampler.exported("otlp_http/tempo")).map(({ traceId }) => traceId);
    expect(kept).toEqual([failed.traceId, failed.traceId]);
    const exemplars = pointsIn(metrics(), "traces.kept.duration").flatMap(
      (point) => point.exemplars ?? [],
    );
    expect(new Set(exemplars.map(({ traceId }) => traceId))).toEqual(new Set([failed.traceId]));
    const early = pointsIn(metrics(), "traces.spanmetrics.duration");
    expect(early.flatMap((point) => point.exemplars ?? [])).toEqual([]);
  });

  it("tells the series of its requests from other samplers' by its pod", async () => {
    await using sampler = await run("sampler", { collector: { sampler: { keep } } });
    await send(sampler.otlpHttp, [newTrace()]);
    const points = () =>
      pointsIn(sampler.exported("otlp_http/prometheus-0"), "traces.spanmetrics.duration");
    await until("spans are measured", () => points().length > 0);
    expect(points()[0]?.attributes).toContainEqual(attribute("collector.instance.id", "pod"));
  });
});
