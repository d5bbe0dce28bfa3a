import { encodeMetrics, textAttributes } from "./protocol.ts";
import type { Requests } from "./requests.ts";
import type { Writer } from "./ids.ts";
import { findMarks, numberMark, writeTime } from "./template.ts";

export interface MetricsArgs {
  readonly writer: Writer;
  readonly service: string;
  readonly series: number;
  /** When the counters began. */
  readonly startMs: number;
  readonly resource?: Readonly<Record<string, string>>;
}

/** The counter's name as it is sent, and as Prometheus shows it. */
export const counterMetric = { sent: "bench.requests", stored: "bench_requests_total" } as const;

const cumulative = 2;
const [startKind, timeKind, valueKind] = [1, 2, 3] as const;

/** Requests with one point of every series; the value is the number of requests until then, so it tells what came last. */
export function metricRequests({
  writer,
  service,
  series,
  startMs,
  ...rest
}: MetricsArgs): Requests {
  const indices = Array.from({ length: series }, (_, index) => index);
  const dataPoints = indices.map((index) => ({
    startTimeUnixNano: numberMark(startKind, index),
    timeUnixNano: numberMark(timeKind, index),
    asInt: numberMark(valueKind, index),
    attributes: textAttributes({ "bench.writer": `${writer.run}-${writer.index}-${index}` }),
  }));
  const counter = { dataPoints, aggregationTemporality: cumulative, isMonotonic: true };
  const metrics = [{ name: counterMetric.sent, sum: counter }];
  const attributes = textAttributes({
    "service.name": service,
    "service.instance.id": `${writer.run}-${writer.index}`,
    ...rest.resource,
  });
  const encoded = encodeMetrics({
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }],
  });
  const marksOf = (kind: number) => indices.map((index) => numberMark(kind, index));
  const at = {
    starts: findMarks(encoded, marksOf(startKind)),
    times: findMarks(encoded, marksOf(timeKind)),
    values: findMarks(encoded, marksOf(valueKind)),
  };
  for (const offset of at.starts) writeTime(encoded, offset, startMs);
  return {
    signal: "metrics",
    records: series,
    encode: (request, atMs) => {
      const bytes = Buffer.from(encoded);
      for (const offset of at.times) writeTime(bytes, offset, atMs);
      for (const offset of at.values) bytes.writeBigInt64LE(BigInt(request + 1), offset);
      return bytes;
    },
  };
}
