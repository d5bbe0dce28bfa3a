import type { types } from "@pulumi/kubernetes";

/**
 * Spreads replicas over nodes and zones. Only as a wish: a cluster with fewer nodes than replicas still runs them all.
 */
export function spread(
  replicas: number,
  matchLabels: Record<string, string>,
): types.input.core.v1.TopologySpreadConstraint[] {
  if (replicas < 2) return [];
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
    // Counts the replicas of one rollout only (a Deployment has the first key, a StatefulSet the second).
    matchLabelKeys: ["pod-template-hash", "controller-revision-hash"],
  }));
}

/** Keeps replicas of one workload on different nodes where that is possible. */
export function apart(
  replicas: number,
  matchLabels: Record<string, string>,
): types.input.core.v1.Affinity | undefined {
  if (replicas < 2) return undefined;
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels },
          },
        },
      ],
    },
  };
}
