import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { fromEnvironment, type Receiver } from "./model.ts";

/** Fluent Bit and Fluentd of this node. */
export function fluentForward(): Receiver {
  return {
    kind: "receiver",
    name: "fluent_forward",
    purpose: "node",
    source: "applications",
    config: { endpoint: `0.0.0.0:${ports.agent.fluentForward}` },
  };
}

/**
 * The node itself, from what the kernel tells every process: no folder of the node is mounted for it. Disks' room and the
 * network are not among it; the kubelet knows the one, and Prometheus has the other from cAdvisor.
 */
export function nodeMetrics({ collector }: Settings): Receiver {
  return {
    kind: "receiver",
    name: "host_metrics",
    purpose: "node",
    source: "collectors",
    config: {
      collection_interval: `${collector.agent.metricsIntervalSeconds}s`,
      scrapers: {
        cpu: {},
        disk: { exclude: { devices: ["^(loop|ram|zram)\\d+$"], match_type: "regexp" } },
        load: {},
        memory: {},
        paging: {},
      },
    },
  };
}

/**
 * How much of the node's disk pods and containers take: nobody else tells. CPU, memory, network and volumes come from
 * cAdvisor and the kubelet to Prometheus already, and are left out. Reads `/stats/summary` alone, so that it needs no right to
 * the kubelet's proxy, by which one could run commands in any pod.
 */
export function kubeletDiskUse({ cluster, collector }: Settings): Receiver {
  return {
    kind: "receiver",
    name: "kubelet_stats",
    purpose: "node",
    source: "collectors",
    config: {
      collection_interval: `${collector.agent.metricsIntervalSeconds}s`,
      auth_type: "serviceAccount",
      endpoint: fromEnvironment("NODE_IP", "https://", `:${cluster.kubeletPort}`),
      insecure_skip_verify: cluster.kubeletCertificates === "unverified",
      metric_groups: ["node", "pod", "container"],
      metrics: Object.fromEntries(knownAlready.map((name) => [name, { enabled: false }])),
    },
  };
}

const knownAlready = [
  ...["container", "k8s.pod", "k8s.node"].flatMap((of) => [
    `${of}.cpu.time`,
    `${of}.cpu.usage`,
    ...["available", "major_page_faults", "page_faults", "rss", "usage", "working_set"].map(
      (what) => `${of}.memory.${what}`,
    ),
  ]),
  ...["k8s.pod", "k8s.node"].flatMap((of) => [`${of}.network.io`, `${of}.network.errors`]),
];
