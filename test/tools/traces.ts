import { randomBytes } from "node:crypto";
import { expect } from "vitest";

export interface Attribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
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
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram?: { readonly dataPoints: readonly Point[] };
      }[];
    }[];
  }[];
}

/** Every span of what an exporter was given. */
export function spansIn(batches: readonly unknown[]): Span[] {
  return (batches as Batch[])
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** Every point of a histogram in what an exporter was given. */
export function pointsIn(batches: readonly unknown[], metric: string): Point[] {
  return (batches as Batch[])
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter(({ name }) => name === metric)
    .flatMap(({ histogram }) => histogram?.dataPoints ?? []);
}

/** What a histogram has counted of spans of one name: the last point of each of its series, added up. */
export function countedIn(batches: readonly unknown[], metric: string, name: string): number {
  const series = new Map(
    pointsIn(batches, metric)
      .filter(({ attributes }) => JSON.stringify(attributes).includes(JSON.stringify(name)))
      .map((point) => [JSON.stringify(point.attributes), point]),
  );
  return [...series.values()].reduce((sum, { count }) => sum + Number(count), 0);
}

export function attribute(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } };
}

/** A span that is sent, as OTLP's JSON. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code: number };
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

export interface SpanArgs {
  readonly traceId?: string;
  readonly parentSpanId?: string;
  readonly failed?: boolean;
  readonly attributes?: readonly Attribute[];
  readonly durationMs?: number;
}

/** A span that has just ended; without a parent it is its trace's root. */
export function newSpan(name: string, args: SpanArgs = {}): SentSpan {
  const end = BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: args.traceId ?? randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    ...(args.parentSpanId === undefined ? {} : { parentSpanId: args.parentSpanId }),
    name,
    kind: args.parentSpanId === undefined ? 2 : 3,
    status: { code: args.failed === true ? 2 : 0 },
    attributes: args.attributes ?? [],
    startTimeUnixNano: String(end - BigInt(args.durationMs ?? 20) * 1_000_000n),
    endTimeUnixNano: String(end),
  };
}

export interface TraceArgs extends Omit<SpanArgs, "traceId" | "parentSpanId"> {
  readonly resource?: readonly Attribute[];
}

/** Spans of one service, as they are sent. */
export function resourceSpansOf(spans: readonly SentSpan[], resource: readonly Attribute[] = []) {
  const attributes = [attribute("service.name", "shop"), ...resource];
  return { resource: { attributes }, scopeSpans: [{ spans }] };
}

/** A request and the query that it makes. What is asked for holds for the request's span. */
export function newTrace({ resource, ...root }: TraceArgs = {}) {
  const request = newSpan("GET /buy", root);
  const { traceId, spanId } = request;
  const query = newSpan("SELECT", { traceId, parentSpanId: spanId });
  return { traceId, resourceSpans: resourceSpansOf([request, query], resource) };
}

/** Sends spans, and expects them to be taken. */
export async function sendSpans(
  otlpHttp: string,
  resourceSpans: readonly ReturnType<typeof resourceSpansOf>[],
): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ resourceSpans });
  const response = await fetch(`${otlpHttp}/v1/traces`, { method: "POST", headers, body });
  expect(response.status).toBe(200);
}

/** Sends whole traces, and expects them to be taken. */
export async function sendTraces(
  otlpHttp: string,
  traces: readonly ReturnType<typeof newTrace>[],
): Promise<void> {
  await sendSpans(
    otlpHttp,
    traces.map(({ resourceSpans }) => resourceSpans),
  );
}
