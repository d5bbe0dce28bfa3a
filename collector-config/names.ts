/** A component type's present name, and since which version of the collector it has it. */
interface Renaming {
  readonly since: string;
  /** What versions before that call it; they refuse the present name. */
  readonly before: string;
}

const renamed = {
  otlp_grpc: { since: "0.144.0", before: "otlp" },
  otlp_http: { since: "0.144.0", before: "otlphttp" },
  k8s_attributes: { since: "0.146.0", before: "k8sattributes" },
  file_log: { since: "0.149.0", before: "filelog" },
  fluent_forward: { since: "0.151.0", before: "fluentforward" },
  host_metrics: { since: "0.151.0", before: "hostmetrics" },
  k8s_objects: { since: "0.151.0", before: "k8sobjects" },
  log_dedup: { since: "0.151.0", before: "logdedup" },
  service_graph: { since: "0.151.0", before: "servicegraph" },
  span_metrics: { since: "0.151.0", before: "spanmetrics" },
  kubelet_stats: { since: "0.152.0", before: "kubeletstats" },
  metrics_transform: { since: "0.152.0", before: "metricstransform" },
  load_balancing: { since: "0.153.0", before: "loadbalancing" },
  resource_detection: { since: "0.153.0", before: "resourcedetection" },
  prometheus_remote_write: { since: "0.154.0", before: "prometheusremotewrite" },
  cumulative_to_delta: { since: "0.157.0", before: "cumulativetodelta" },
  delta_to_cumulative: { since: "0.158.0", before: "deltatocumulative" },
} as const satisfies Record<string, Renaming>;

/** Types that have always been called the same. */
type ConstantName =
  | "awss3"
  | "batch"
  | "bearertokenauth"
  | "count"
  | "debug"
  | "elasticsearch"
  | "file"
  | "file_storage"
  | "filter"
  | "health_check"
  | "interval"
  | "k8s_cluster"
  | "k8s_events"
  | "k8s_leader_elector"
  | "kafka"
  | "memory_limiter"
  | "otlp"
  | "resource"
  | "routing"
  | "tail_sampling"
  | "transform";

/** A component type by its present name, whatever the collector that runs it calls it. */
export type ComponentName = keyof typeof renamed | ConstantName;

/** What this version of the collector calls a component type. */
export function typeName(name: ComponentName, version: string): string {
  if (!isRenamed(name)) return name;
  const { since, before } = renamed[name];
  return isAtLeast(version, since) ? name : before;
}

function isRenamed(name: ComponentName): name is keyof typeof renamed {
  return name in renamed;
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
