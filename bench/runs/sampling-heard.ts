import { decodeMetrics, decodeTraces, type KeyValue } from "../generator/protocol.ts";
import type { OnRequest } from "../loopback/sink.ts";

/** What samplers emit for every span, before any is dropped. */
const callsMetric = "traces.spanmetrics.calls";

/** What came to the place of Tempo and Prometheus. */
export class Heard {
  /** How often each span came, by trace. */
  readonly spans = new Map<string, Map<string, number>>();
  /** The highest value of each counter. A counter that began anew is another one. */
  readonly #calls = new Map<string, number>();

  readonly take: OnRequest = (signal, body, prefix) => {
    if (signal === "traces" && prefix === "/tempo") this.#takeTraces(body);
    if (signal === "metrics" && prefix === "/prometheus") this.#takeMetrics(body);
  };

  /** Requests that all samplers counted. */
  counted(): number {
    return [...this.#calls.values()].reduce((total, value) => total + value, 0);
  }

  #takeTraces(body: Buffer): void {
    for (const { scopeSpans } of decodeTraces(body).resourceSpans) {
      for (const { traceId, spanId } of scopeSpans.flatMap(({ spans }) => spans)) {
        const trace = Buffer.from(traceId).toString("hex");
        const span = Buffer.from(spanId).toString("hex");
        const spans = this.spans.get(trace) ?? new Map<string, number>();
        spans.set(span, (spans.get(span) ?? 0) + 1);
        this.spans.set(trace, spans);
      }
    }
  }

  #takeMetrics(body: Buffer): void {
    for (const { resource, scopeMetrics } of decodeMetrics(body).resourceMetrics) {
      const counters = scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .filter(({ name }) => name === callsMetric);
      for (const point of counters.flatMap(({ sum }) => sum?.dataPoints ?? [])) {
        const key = [
          labelsText(resource.attributes),
          labelsText(point.attributes),
          point.startTimeUnixNano,
        ].join("|");
        this.#calls.set(key, Math.max(this.#calls.get(key) ?? 0, Number(point.asInt)));
      }
    }
  }
}

function labelsText(attributes: readonly KeyValue[]): string {
  return attributes
    .map(({ key, value }) => `${key}=${value.stringValue ?? String(value.intValue)}`)
    .sort()
    .join(",");
}
