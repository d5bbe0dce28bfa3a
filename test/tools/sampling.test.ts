import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectorDocument } from "../../collector-config/render.ts";
import { samplerConfig } from "../../collector-config/sampler.ts";
import { endpoints } from "../../config/endpoints.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import {
  runOnLoopback,
  until,
  type CollectorDocument,
  type LoopbackCollector,
} from "./loopback-collector.ts";
import {
  attribute,
  countedIn,
  newSpan,
  newTrace,
  pointsIn,
  resourceSpansOf,
  sendSpans,
  sendTraces,
  spansIn,
  type SentSpan,
} from "./traces.ts";

let binary: string;
let directory: string;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-sampler-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Of what is neither an error nor slow, these keep nothing. */
const nothing = { budgetSpansPerSecond: 0, percentage: 0 };

/** Prod's sampler. */
async function run(sampler: object): Promise<LoopbackCollector> {
  const file = "Pulumi.prod.yaml";
  const written = readStackConfig(join(import.meta.dirname, "..", "..", file));
  const settings = parseConfig(file, mergeOverlay(written, { collector: { sampler } }));
  const document = collectorDocument(samplerConfig(settings, endpoints(settings)));
  const own = mkdtempSync(join(directory, "sampler-"));
  return runOnLoopback(binary, document as unknown as CollectorDocument, own);
}

const marker = "marker";

/** Ids of the spans at Tempo's place, in the order of `wanted`, then of those that are not wanted. */
function stored(sampler: LoopbackCollector, ...wanted: readonly SentSpan[]): string[] {
  const found = spansIn(sampler.exported("otlp_http/tempo")).filter(({ name }) => name !== marker);
  const order = ids(...wanted);
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  return found.map(({ spanId }) => spanId).sort((a, b) => place(a) - place(b));
}

function ids(...spans: readonly SentSpan[]): string[] {
  return spans.map(({ spanId }) => spanId);
}

/**
 * Waits until all that was sent and has its root is decided, and written. A trace that is always kept is decided after what
 * came before it; of one round of decisions the order is random, so a second one shows that the first is through.
 */
async function settled(sampler: LoopbackCollector): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const slow = newSpan(marker, { durationMs: 60_000 });
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([slow])]);
    await until("the marker is stored", () =>
      spansIn(sampler.exported("otlp_http/tempo")).some(({ spanId }) => spanId === slow.spanId),
    );
  }
}

/** How many of the spans have been counted, before any was dropped and of those that are kept. */
function counted(sampler: LoopbackCollector, ...names: readonly string[]) {
  const metrics = sampler.exported("otlp_http/prometheus-0");
  const total = (metric: string) =>
    names.reduce((sum, name) => sum + countedIn(metrics, metric, name), 0);
  return { all: total("traces.spanmetrics.duration"), kept: total("traces.kept.duration") };
}

describe("a running sampler", () => {
  it("measures every request, keeps errors, and makes exemplars of what it keeps", async () => {
    await using sampler = await run({ keep: nothing });
    const failed = newTrace({ failed: true });
    await sendTraces(sampler.otlpHttp, [newTrace(), failed, newTrace()]);
    const count = () => counted(sampler, "GET /buy", "SELECT");
    await until("kept spans are measured", () => count().kept > 1);
    await settled(sampler);

    expect(count()).toEqual({ all: 6, kept: 2 });
    const metrics = sampler.exported("otlp_http/prometheus-0");
    const exemplars = (metric: string) =>
      pointsIn(metrics, metric)
        .filter(({ attributes }) => !JSON.stringify(attributes).includes(marker))
        .flatMap((point) => point.exemplars ?? [])
        .map(({ traceId }) => traceId);
    expect(new Set(exemplars("traces.kept.duration"))).toEqual(new Set([failed.traceId]));
    expect(exemplars("traces.spanmetrics.duration")).toEqual([]);
  });

  it("tells the series of its requests from other samplers' by its pod", async () => {
    await using sampler = await run({ keep: nothing });
    await sendTraces(sampler.otlpHttp, [newTrace()]);
    const points = () =>
      pointsIn(sampler.exported("otlp_http/prometheus-0"), "traces.spanmetrics.duration");
    await until("spans are measured", () => points().length > 0);
    expect(points()[0]?.attributes).toContainEqual(attribute("collector.instance.id", "pod"));
  });
});

describe("an error", () => {
  it("that comes after its trace was dropped is stored once, and its late siblings are not", async () => {
    await using sampler = await run({ keep: nothing });
    const root = newSpan("GET /buy");
    const trace = { traceId: root.traceId, parentSpanId: root.spanId };
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([root])]);
    await settled(sampler);
    expect(stored(sampler)).toEqual([]);

    const late = newSpan("charge", { ...trace, failed: true });
    const sibling = newSpan("log", trace);
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([late, sibling])]);
    await settled(sampler);
    expect(stored(sampler)).toEqual(ids(late));

    const count = () => counted(sampler, "GET /buy", "charge", "log");
    await until("the late span is measured", () => count().kept > 0);
    await settled(sampler);
    expect(count()).toEqual({ all: 3, kept: 1 });
  });

  it("keeps its trace, each span once, also those that come after the decision", async () => {
    await using sampler = await run({ keep: nothing });
    const root = newSpan("GET /buy");
    const trace = { traceId: root.traceId, parentSpanId: root.spanId };
    const error = newSpan("charge", { ...trace, failed: true });
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([error, root])]);
    await settled(sampler);
    const late = newSpan("log", trace);
    const lateError = newSpan("refund", { ...trace, failed: true });
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([late, lateError])]);
    await settled(sampler);
    const all = [error, root, late, lateError];
    expect(stored(sampler, ...all)).toEqual(ids(...all));
  });

  it("does not wait for a root that never comes, and the rest of its trace follows", async () => {
    await using sampler = await run({ keep: nothing, decisionWaitSeconds: 3 });
    const parent = { parentSpanId: "00f067aa0ba902b7" };
    const error = newSpan("charge", { ...parent, failed: true });
    const sibling = newSpan("log", { ...parent, traceId: error.traceId });
    const other = newSpan("log", parent);
    await sendSpans(sampler.otlpHttp, [resourceSpansOf([error, sibling, other])]);
    await until("the error is stored", () => stored(sampler).length > 0);
    expect(stored(sampler)).toEqual(ids(error));
    await until("its trace is decided", () => stored(sampler).length > 1);
    await settled(sampler);
    expect(stored(sampler, error, sibling)).toEqual(ids(error, sibling));
  });

  it("is stored once where everything is kept", async () => {
    await using sampler = await run({ keep: { percentage: 100 } });
    const { resourceSpans } = newTrace({ failed: true });
    await sendSpans(sampler.otlpHttp, [resourceSpans]);
    await settled(sampler);
    const sent = resourceSpans.scopeSpans.flatMap(({ spans }) => spans);
    expect(stored(sampler, ...sent)).toEqual(ids(...sent));
  });
});

describe("rules", () => {
  const rules = [
    { name: "noise", route: "/health", percentage: 0 },
    { name: "vip", tenant: 'a"b', percentage: 100 },
    { name: "users", service: "shop", route: "/users/:id", percentage: 100 },
  ];
  const at = (route: string) => ({ attributes: [attribute("http.route", route)] });
  const vip = { resource: [attribute("sightline.tenant", 'a"b')] };
  const spoofed = attribute("sightline.keep_rule", "vip");
  const traces = {
    noise: newTrace(at("/health")),
    failedNoise: newTrace({ ...at("/health"), failed: true }),
    slowNoise: newTrace({ ...at("/health"), durationMs: 3_000 }),
    vipNoise: newTrace({ ...at("/health"), ...vip }),
    vip: newTrace(vip),
    user: newTrace(at("/users/:id")),
    other: newTrace(at("/cart")),
    marked: newTrace({ attributes: [spoofed] }),
    markedResource: newTrace({ resource: [spoofed] }),
  };

  it.each([
    { keep: nothing, kept: ["failedNoise", "slowNoise", "vip", "user"] },
    {
      keep: { percentage: 100 },
      kept: ["failedNoise", "slowNoise", "vip", "user", "other", "marked", "markedResource"],
    },
  ])("give some traces a share of their own, where the rest has $keep", async ({ keep, kept }) => {
    await using sampler = await run({ keep: { ...keep, rules } });
    const entries = Object.entries(traces);
    await sendTraces(
      sampler.otlpHttp,
      entries.map(([, trace]) => trace),
    );
    await settled(sampler);
    const inStore = new Set(stored(sampler));
    const isKept = ({ resourceSpans }: (typeof entries)[number][1]) =>
      resourceSpans.scopeSpans.some(({ spans }) => spans.some(({ spanId }) => inStore.has(spanId)));
    expect(entries.filter(([, trace]) => isKept(trace)).map(([name]) => name)).toEqual(kept);
    // Each whole, once, and without the mark that the rules are told by.
    expect(stored(sampler)).toHaveLength(kept.length * 2);
    const spans = spansIn(sampler.exported("otlp_http/tempo"));
    const keys = spans.flatMap(({ attributes = [] }) => attributes.map(({ key }) => key));
    expect(keys).not.toContain("sightline.keep_rule");
  });
});
