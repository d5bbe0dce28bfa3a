import type { types } from "@pulumi/kubernetes";
import { selectorLabels } from "./labels.ts";

/** One pod on every node, whatever its taints say: a node that is in trouble has the most to tell. */
export const everyNode: types.input.core.v1.Toleration[] = [{ operator: "Exists" }];

/** Steps in which all nodes get a new version. */
export const rolloutSteps = 4;

/** On each node the old pod ends before the new one starts: the two would share one folder. */
export function daemonSetSpec(
  workload: string,
  template: types.input.core.v1.PodTemplateSpec,
): types.input.apps.v1.DaemonSetSpec {
  return {
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    updateStrategy: {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: `${100 / rolloutSteps}%` },
    },
    template,
  };
}

/** Some clusters admit pods of the highest priorities only where a quota speaks of them. */
export function priorityQuotaSpec(priorityClass: string): types.input.core.v1.ResourceQuotaSpec {
  return {
    hard: { pods: "1G" },
    scopeSelector: {
      matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: [priorityClass] }],
    },
  };
}
