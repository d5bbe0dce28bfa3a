import type { Settings } from "../config/settings.ts";
import { extensionLink, type Extension, type Receiver } from "./model.ts";

/**
 * Left out: replica sets and replication controllers. Every rollout leaves sets of no replicas behind, and what the others do is
 * told by their deployments.
 */
const unwanted = ["replicaset", "replication_controller"].flatMap((kind) =>
  ["available", "desired"].map((what) => `k8s.${kind}.${what}`),
);

/** What the objects of the cluster say of themselves: wanted and ready replicas, restarts, phases, conditions. */
export function clusterState({ collector }: Settings, election: Extension): Receiver {
  return {
    kind: "receiver",
    name: "k8s_cluster",
    purpose: "state",
    source: "collectors",
    config: {
      auth_type: "serviceAccount",
      k8s_leader_elector: extensionLink(election),
      collection_interval: `${collector.cluster.metricsIntervalSeconds}s`,
      node_conditions_to_report: ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"],
      allocatable_types_to_report: ["cpu", "memory", "pods"],
      metrics: Object.fromEntries(unwanted.map((name) => [name, { enabled: false }])),
    },
  };
}

/**
 * Events, each once: a new leader begins with the next one. Those between the end of a leader that was killed and its
 * successor, ten seconds at most, nobody tells.
 */
export function clusterEvents(election: Extension): Receiver {
  return {
    kind: "receiver",
    name: "k8s_events",
    purpose: "all",
    // An event's text is written by anybody's controller.
    source: "applications",
    config: { auth_type: "serviceAccount", k8s_leader_elector: extensionLink(election) },
  };
}
