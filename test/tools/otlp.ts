/** One linked request as OTLP's JSON: a log, a span and a metric whose exemplar names the same trace. */
export interface LinkedRequest {
  readonly traceId: string;
  readonly spanId: string;
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number;
}

const resource = {
  attributes: Object.entries({
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.instance.id": "checkout-1",
    "deployment.environment.name": "test",
    "k8s.pod.name": "checkout-1",
  }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
};

const nanos = (ms: number) => `${ms}000000`;

export function logsOf({ traceId, spanId, atMs }: LinkedRequest) {
  const record = { timeUnixNano: nanos(atMs), body: { stringValue: "paid" }, traceId, spanId };
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] };
}

export function tracesOf({ traceId, spanId, atMs }: LinkedRequest) {
  const span = {
    traceId,
    spanId,
    name: "POST /pay",
    kind: 2,
    startTimeUnixNano: nanos(atMs - 20),
    endTimeUnixNano: nanos(atMs),
  };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
}

export function metricsOf({ traceId, spanId, atMs }: LinkedRequest) {
  const point = {
    startTimeUnixNano: nanos(atMs - 1_000),
    timeUnixNano: nanos(atMs),
    count: "1",
    sum: 0.02,
    bucketCounts: ["1", "0"],
    explicitBounds: [0.1],
    exemplars: [{ timeUnixNano: nanos(atMs), asDouble: 0.02, traceId, spanId }],
  };
  const histogram = { aggregationTemporality: 2, dataPoints: [point] };
  const metric = { name: "payment.duration", unit: "s", histogram };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
}

/** Sends a body and says what was answered. */
export async function postOtlp(url: string, body: object): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  await response.arrayBuffer();
  return response.status;
}
