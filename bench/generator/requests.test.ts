import { describe, expect, it } from "vitest";
import { findId, recordId, spanId, traceId } from "./ids.ts";
import { logRequests } from "./logs.ts";
import { metricRequests } from "./metrics.ts";
import { decodeLogs, decodeMetrics, decodeTraces, rejectedRecords } from "./protocol.ts";
import { spanRequests } from "./spans.ts";

const writer = { run: "00c0ffee", index: 7 };
const atMs = 1_700_000_000_123;
const nanos = (ms: number, microseconds = 0) =>
  String(BigInt(ms) * 1_000_000n + BigInt(microseconds * 1_000));

describe.each(["plain", "json"] as const)("requests of %s logs", (kind) => {
  const requests = logRequests({ writer, service: "shop", records: 500, kind });
  const recordsOf = (request: number) =>
    decodeLogs(requests.encode(request, atMs))
      .resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)
      .flatMap(({ logRecords }) => logRecords);

  it("decode to what was asked for", () => {
    const records = recordsOf(3);
    expect(records).toHaveLength(500);
    expect(records[42]).toMatchObject({
      timeUnixNano: nanos(atMs, 42),
      severityNumber: 9,
      severityText: "INFO",
    });
    const text = records[42]?.body.stringValue ?? "";
    expect(text).toContain(recordId(writer, 1_542));
    expect(findId(text)).toEqual({ writer, counter: 1_542 });
    if (kind === "plain") expect(text).toHaveLength(130);
    else expect(JSON.parse(text)).toMatchObject({ user: { password: "hunter2" } });
  });

  it("have no id twice", () => {
    const ids = [0, 1, 2].flatMap((request) =>
      recordsOf(request).map(({ body }) => findId(body.stringValue ?? "")?.counter),
    );
    expect(ids).toEqual(Array.from({ length: 1_500 }, (_, counter) => counter));
  });

  it("can be made again, byte by byte, and are buffers of their own", () => {
    const first = requests.encode(1, atMs);
    const copy = Buffer.from(first);
    requests.encode(2, atMs);
    expect(first.equals(copy)).toBe(true);
    expect(requests.encode(1, atMs).equals(copy)).toBe(true);
  });
});

describe("requests of spans", () => {
  const args = { writer, service: "shop", traces: 20, spansPerTrace: 5 };
  const spansOf = (request: number, more = {}) =>
    decodeTraces(spanRequests({ ...args, ...more }).encode(request, atMs))
      .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans);
  const hex = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString("hex");

  it("hold whole traces of a root and its children", () => {
    const spans = spansOf(2);
    expect(spans).toHaveLength(100);
    const [root, child] = [spans[15], spans[17]];
    expect(hex(root?.traceId)).toBe(traceId(writer, 43));
    expect(hex(root?.parentSpanId)).toBe("");
    expect(hex(child?.traceId)).toBe(traceId(writer, 43));
    expect(hex(child?.spanId)).toBe(spanId(43, 2));
    expect(hex(child?.parentSpanId)).toBe(hex(root?.spanId));
    expect(root).toMatchObject({
      name: "POST /orders",
      startTimeUnixNano: nanos(atMs - 20, 15),
      endTimeUnixNano: nanos(atMs, 15),
    });
    expect(root?.status).toBeUndefined();
  });

  it("fail at their roots, when they shall be kept", () => {
    const failed = spansOf(0, { failed: true }).filter(({ status }) => status?.code === 2);
    expect(failed).toHaveLength(20);
  });

  it("have no id twice, and trace ids whose ends are dealt evenly", () => {
    const spans = [0, 1, 2].flatMap((request) => spansOf(request));
    const ids = spans.map((span) => hex(span.traceId) + hex(span.spanId));
    expect(new Set(ids).size).toBe(300);
    const thirds = [0, 0, 0];
    for (let counter = 0; counter < 3_000; counter += 1) {
      const end = Number.parseInt(traceId(writer, counter).slice(-4), 16);
      const third = Math.floor((end * 3) / 65_536);
      thirds[third] = (thirds[third] ?? 0) + 1;
    }
    for (const size of thirds) expect(Math.abs(size - 1_000)).toBeLessThan(150);
  });
});

describe("requests of metrics", () => {
  it("count up, a point of each series a request", () => {
    const requests = metricRequests({ writer, service: "shop", series: 30, startMs: atMs - 5_000 });
    const points = decodeMetrics(requests.encode(4, atMs))
      .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ sum }) => sum?.dataPoints ?? []);
    expect(points).toHaveLength(30);
    for (const point of points) {
      expect(point).toMatchObject({
        startTimeUnixNano: nanos(atMs - 5_000),
        timeUnixNano: nanos(atMs),
        asInt: "5",
      });
    }
    const series = points.map(({ attributes }) => attributes[0]?.value.stringValue);
    expect(new Set(series).size).toBe(30);
  });
});

describe("a receiver's answer", () => {
  it.each([
    ["nothing", [], 0],
    ["a partial success without rejected records", [0x0a, 0x00], 0],
    ["seven rejected records", [0x0a, 0x02, 0x08, 0x07], 7],
  ])("with %s", (_, bytes, rejected) => {
    expect(rejectedRecords(Uint8Array.from(bytes))).toBe(rejected);
  });
});
