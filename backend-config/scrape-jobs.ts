import { nameLabel, partOf, partOfLabel } from "../config/labels.ts";
import { platformNamespaces } from "../config/namespaces.ts";
import { metricsPortNames } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { keep, drop, copyLabel, setLabel, type RelabelRule } from "./relabel.ts";
import { heavyCadvisorSeries, heavyKubeletSeries } from "./unread-series.ts";

const serviceAccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Prometheus writes what cannot stand in a label's name as underscores. */
const podLabel = (name: string) =>
  `__meta_kubernetes_pod_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`;
const podAnnotation = (name: string) => `__meta_kubernetes_pod_annotation_prometheus_io_${name}`;

/** What one annotated pod may give in a scrape: enough for any exporter, too little to fill Prometheus by a mistake. */
const annotatedPodLimits = { sample_limit: 50_000, body_size_limit: "64MB", label_limit: 64 };

/** The platform's own pods: those of its namespaces that carry its label, at their port for metrics. */
export function platformJob(settings: Settings) {
  return {
    job_name: "sightline",
    kubernetes_sd_configs: [
      {
        role: "pod",
        namespaces: { names: platformNamespaces(settings.namespace) },
        selectors: [{ role: "pod", label: `${partOfLabel}=${partOf}` }],
      },
    ],
    relabel_configs: [
      keep("__meta_kubernetes_pod_container_port_name", Object.values(metricsPortNames).join("|")),
      ...livePods,
      copyLabel(podLabel(nameLabel), "job"),
      // An address changes with each restart, and with it every series of the pod.
      copyLabel("__meta_kubernetes_pod_name", "instance"),
      ...podIdentity,
      agentNode,
    ],
  };
}

/** Each kubelet's own metrics, among them those of the volumes. */
export function kubeletJob(settings: Settings) {
  return {
    job_name: "kubelet",
    ...kubeletClient(settings),
    metric_relabel_configs: [drop("__name__", heavyKubeletSeries)],
  };
}

/** What each node's containers use. */
export function cadvisorJob(settings: Settings) {
  return {
    job_name: "cadvisor",
    ...kubeletClient(settings),
    metrics_path: "/metrics/cadvisor",
    // Its timestamps are those of its own, rarer, look at the containers; a vanished one would linger five minutes.
    honor_timestamps: false,
    metric_relabel_configs: [drop("__name__", heavyCadvisorSeries), dropGroupsOfPods],
  };
}

/** Pods of anyone that ask for it by the annotations `prometheus.io/scrape`, `port`, `path` and `scheme`. */
export function annotatedPodsJob(settings: Settings) {
  return {
    job_name: "annotated-pods",
    kubernetes_sd_configs: [{ role: "pod" }],
    ...annotatedPodLimits,
    // For exporters that do not say what they answer with.
    fallback_scrape_protocol: "PrometheusText0.0.4",
    relabel_configs: [
      keep(podAnnotation("scrape"), "true"),
      // The platform's pods have a job already.
      drop("__meta_kubernetes_namespace", platformNamespaces(settings.namespace).join("|")),
      ...livePods,
      // A sidecar's init container has no port of its own to ask.
      drop("__meta_kubernetes_pod_container_init", "true"),
      setLabel(podAnnotation("scheme"), "(https?)", "__scheme__"),
      setLabel(podAnnotation("path"), "(.+)", "__metrics_path__"),
      ...podPort,
      copyLabel("__meta_kubernetes_pod_name", "instance"),
      copyLabel(podLabel(nameLabel), "workload"),
      ...podIdentity,
    ],
  };
}

/** cAdvisor's sums over the node's groups of pods and services, which stand beside the pods' own. The node's own sum stays. */
const dropGroupsOfPods: RelabelRule = {
  source_labels: ["__name__", "namespace", "id"],
  regex: "container_.*;;/.+",
  action: "drop",
};

/** An agent is missed by its node, so its targets say which one it is. */
const agentNode: RelabelRule = {
  source_labels: [podLabel(nameLabel), "__meta_kubernetes_pod_node_name"],
  regex: "agent;(.+)",
  target_label: "node",
};

const livePods: RelabelRule[] = [drop("__meta_kubernetes_pod_phase", "Succeeded|Failed")];

const podIdentity: RelabelRule[] = [
  copyLabel("__meta_kubernetes_namespace", "namespace"),
  copyLabel("__meta_kubernetes_pod_name", "pod"),
];

/** The annotated port on the pod's address, which for IPv6 stands in brackets. */
const podPort: RelabelRule[] = [
  ["([0-9.]+);([0-9]+)", "$1:$2"],
  ["([0-9a-f:]*:[0-9a-f:]*);([0-9]+)", "[$1]:$2"],
].map(([regex = "", replacement = ""]) => ({
  source_labels: ["__meta_kubernetes_pod_ip", podAnnotation("port")],
  regex,
  replacement,
  target_label: "__address__",
}));

function kubeletClient({ cluster }: Settings) {
  return {
    scheme: "https",
    authorization: { credentials_file: `${serviceAccountPath}/token` },
    tls_config:
      cluster.kubeletCertificates === "unverified"
        ? { insecure_skip_verify: true }
        : { ca_file: `${serviceAccountPath}/ca.crt` },
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [
      {
        source_labels: ["__meta_kubernetes_node_address_InternalIP"],
        regex: "(.+)",
        replacement: `$1:${cluster.kubeletPort}`,
        target_label: "__address__",
      },
      copyLabel("__meta_kubernetes_node_name", "node"),
      copyLabel("__meta_kubernetes_node_name", "instance"),
    ],
  };
}
