import { spanId, traceId, writeSpanId, writeTraceId, type Writer } from "./ids.ts";
import { encodeTraces, textAttributes, type Span } from "./protocol.ts";
import type { Requests } from "./requests.ts";
import { bytesMark, findMarks, numberMark, writeTime } from "./template.ts";

export interface SpansArgs {
  readonly writer: Writer;
  readonly service: string;
  /** Traces in each request, whole. */
  readonly traces: number;
  readonly spansPerTrace: number;
  /** Roots that failed: every sampling keeps their traces. */
  readonly failed?: boolean;
  readonly resource?: Readonly<Record<string, string>>;
}

const [server, internal] = [2, 1] as const;
const [traceKind, spanKind, parentKind, startKind, endKind] = [2, 3, 4, 5, 6] as const;
const error = 2;
const durationMs = 20;

/** Requests of whole traces: a root and its children. */
export function spanRequests(args: SpansArgs): Requests {
  const { writer, service, traces, spansPerTrace, failed = false } = args;
  const records = traces * spansPerTrace;
  const indices = Array.from({ length: records }, (_, index) => index);
  const isRoot = (index: number) => index % spansPerTrace === 0;
  const spans = indices.map((index): Span => ({
    traceId: bytesMark(traceKind, index, 16),
    spanId: bytesMark(spanKind, index, 8),
    ...(isRoot(index) ? {} : { parentSpanId: bytesMark(parentKind, index, 8) }),
    name: isRoot(index) ? "POST /orders" : `step ${index % spansPerTrace}`,
    kind: isRoot(index) ? server : internal,
    startTimeUnixNano: numberMark(startKind, index),
    endTimeUnixNano: numberMark(endKind, index),
    attributes: textAttributes(
      isRoot(index) ? { "http.route": "/orders" } : { "app.step": "work" },
    ),
    ...(failed && isRoot(index) ? { status: { code: error } } : {}),
  }));
  const resource = { attributes: textAttributes({ "service.name": service, ...args.resource }) };
  const encoded = encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const children = indices.filter((index) => !isRoot(index));
  const at = {
    traces: findMarks(
      encoded,
      indices.map((index) => bytesMark(traceKind, index, 16)),
    ),
    spans: findMarks(
      encoded,
      indices.map((index) => bytesMark(spanKind, index, 8)),
    ),
    parents: findMarks(
      encoded,
      children.map((index) => bytesMark(parentKind, index, 8)),
    ),
    starts: findMarks(
      encoded,
      indices.map((index) => numberMark(startKind, index)),
    ),
    ends: findMarks(
      encoded,
      indices.map((index) => numberMark(endKind, index)),
    ),
  };
  return {
    signal: "traces",
    records,
    encode: (request, atMs) => {
      const bytes = Buffer.from(encoded);
      const traceOf = (index: number) => request * traces + Math.floor(index / spansPerTrace);
      at.traces.forEach((offset, index) => {
        writeTraceId(bytes, offset, writer, traceOf(index));
      });
      at.spans.forEach((offset, index) => {
        writeSpanId(bytes, offset, traceOf(index), index % spansPerTrace);
      });
      at.parents.forEach((offset, index) => {
        writeSpanId(bytes, offset, traceOf(children[index] ?? 0), 0);
      });
      at.starts.forEach((offset, index) => {
        writeTime(bytes, offset, atMs - durationMs, index);
      });
      at.ends.forEach((offset, index) => {
        writeTime(bytes, offset, atMs, index);
      });
      return bytes;
    },
  };
}

/** Ids of the traces that one request holds. */
export function traceIdsOf({ writer, traces }: SpansArgs, request: number): string[] {
  return Array.from({ length: traces }, (_, index) => traceId(writer, request * traces + index));
}

/** Ids of the spans of one trace. */
export function spanIdsOf({ spansPerTrace }: SpansArgs, trace: number): string[] {
  return Array.from({ length: spansPerTrace }, (_, span) => spanId(trace, span));
}
