/** What is asked of the backends to follow one request, as paths below each backend's base URL. */

/** LogQL: the lines that a service wrote inside a trace. */
export function logsOfTrace(service: string, traceId: string): string {
  return `{service_name="${service}"} | trace_id="${traceId}"`;
}

/** PromQL: a service's series of a metric, where the newest sample is from this moment or later. */
export function sampledSince(metric: string, service: string, sinceMs: number): string {
  const series = seriesOf(metric, service);
  return `sum(${series} and timestamp(${series}) >= ${(sinceMs / 1_000).toFixed(3)})`;
}

/** PromQL: a service's series of a metric. */
export function seriesOf(metric: string, service: string): string {
  return `${metric}{service_name="${service}"}`;
}

/** Loki: the lines of a LogQL query within a range of time, newest first. */
export function lokiRangePath(query: string, startMs: number, endMs: number): string {
  const nanoseconds = (ms: number) => `${Math.floor(ms)}000000`;
  return path("/loki/api/v1/query_range", {
    query,
    start: nanoseconds(startMs),
    end: nanoseconds(endMs),
    limit: "100",
  });
}

/** Tempo: one whole trace. */
export function tempoTracePath(traceId: string): string {
  return `/api/v2/traces/${traceId}`;
}

/** Prometheus: the value of a PromQL query now. */
export function prometheusQueryPath(query: string): string {
  return path("/api/v1/query", { query });
}

/** Prometheus: the exemplars of a query's series within a range of time. */
export function prometheusExemplarsPath(query: string, startMs: number, endMs: number): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(3);
  return path("/api/v1/query_exemplars", {
    query,
    start: seconds(startMs),
    end: seconds(endMs),
  });
}

function path(base: string, parameters: Record<string, string>): string {
  return `${base}?${new URLSearchParams(parameters).toString()}`;
}
