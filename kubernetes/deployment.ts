import type { types } from "@pulumi/kubernetes";
import { selectorLabels } from "./labels.ts";

/** Replicas without volumes. A new one is ready before an old one goes. */
export function deploymentSpec(
  workload: string,
  replicas: number,
  template: types.input.core.v1.PodTemplateSpec,
): types.input.apps.v1.DeploymentSpec {
  return {
    replicas,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template,
  };
}
