import { pipelineLink, type ConfigMap, type Connector, type PipelineId } from "./model.ts";

/** How soon request metrics of new spans reach Prometheus. */
const flushInterval = "15s";

/** Requests' durations are counted at these, and at the duration from which traces are kept as slow. */
const durationBucketsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/** Resource attributes that tell request metrics apart. Pods are left out: a service's replicas share its series. */
export const requestMetricsIdentity = [
  "service.name",
  "service.namespace",
  "deployment.environment.name",
  "k8s.cluster.name",
  "k8s.namespace.name",
] as const;

interface RequestMetricsArgs {
  readonly purpose: string;
  /** Begins the metrics' names. */
  readonly namespace: string;
  readonly slowerThanMs: number;
  readonly exemplars: boolean;
}

/** Counts and durations of spans by service, operation and outcome. */
export function requestMetrics(args: RequestMetricsArgs): Connector {
  return {
    kind: "connector",
    name: "span_metrics",
    purpose: args.purpose,
    config: {
      namespace: args.namespace,
      histogram: { unit: "s", explicit: { buckets: buckets(args.slowerThanMs) } },
      dimensions: [
        { name: "http.request.method" },
        { name: "http.route" },
        { name: "http.response.status_code" },
      ],
      exemplars: { enabled: args.exemplars },
      metrics_flush_interval: flushInterval,
      metrics_expiration: "5m",
      resource_metrics_key_attributes: [...requestMetricsIdentity],
      // Of one service: span names that hold ids would otherwise grow without end. The rest goes to one series.
      aggregation_cardinality_limit: 1_000,
    },
  };
}

function buckets(slowerThanMs: number): string[] {
  const all = [...new Set([...durationBucketsMs, slowerThanMs])].sort((a, b) => a - b);
  return all.map((ms) => `${ms}ms`);
}

/** Which service calls which. Needs both sides of a call, so it stands where traces are whole. */
export function serviceGraph(maxEdges: number): Connector {
  return {
    kind: "connector",
    name: "service_graph",
    purpose: "edges",
    config: {
      metrics_flush_interval: flushInterval,
      // Caller and callee send on their own; SDKs wait up to 5 s.
      store: { ttl: "10s", max_items: maxEdges },
      database_name_attributes: ["db.namespace", "db.name"],
      virtual_node_peer_attributes: [
        "peer.service",
        "db.namespace",
        "db.name",
        "db.system.name",
        "db.system",
        "messaging.destination.name",
        "server.address",
      ],
    },
  };
}

/** Hexadecimal digits of a trace id, counted from its end, that say whose it is. */
const shardDigits = 4;
const traceIdDigits = 32;

/** Deals spans to one pipeline each by the end of their trace id, which every tracer makes at random. */
export function traceShards(pipelines: readonly PipelineId[]): Connector {
  const last = pipelines.length - 1;
  return {
    kind: "connector",
    name: "routing",
    purpose: "samplers",
    config: {
      // A span without a trace id fails the condition and goes to the last pipeline.
      error_mode: "silent",
      default_pipelines: pipelines.slice(last).map(pipelineLink),
      table: pipelines
        .slice(0, last)
        .map((pipeline, shard) => route(pipeline, shard + 1, last + 1)),
    },
  };
}

/** Takes what no route before it took and lies below the end of its share. */
function route(pipeline: PipelineId, sharesBelow: number, shares: number): ConfigMap {
  const end = Math.round((16 ** shardDigits * sharesBelow) / shares);
  const digits = end.toString(16).padStart(shardDigits, "0");
  const tail = `Substring(trace_id.string, ${traceIdDigits - shardDigits}, ${shardDigits})`;
  return {
    context: "span",
    condition: `${tail} < "${digits}"`,
    pipelines: [pipelineLink(pipeline)],
  };
}

/** Hands everything on to one pipeline. */
export function handOn(pipeline: PipelineId): Connector {
  return handOnToAll(pipeline.purpose, [pipeline]);
}

/** Hands everything on to each of these pipelines. */
export function handOnToAll(purpose: string, pipelines: readonly PipelineId[]): Connector {
  return {
    kind: "connector",
    name: "routing",
    purpose,
    config: { table: [everythingTo(pipelines)] },
  };
}

/** Hands everything on to one pipeline, and a copy of each error's span to another. */
export function handOnWithErrors(pipeline: PipelineId, errors: PipelineId): Connector {
  const copies: ConfigMap = {
    context: "span",
    condition: "status.code == STATUS_CODE_ERROR",
    action: "copy",
    pipelines: [pipelineLink(errors)],
  };
  return { ...handOn(pipeline), config: { table: [copies, everythingTo([pipeline])] } };
}

function everythingTo(pipelines: readonly PipelineId[]): ConfigMap {
  return { context: "resource", condition: "true", pipelines: pipelines.map(pipelineLink) };
}
