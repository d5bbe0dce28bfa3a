import type { types } from "@pulumi/kubernetes";
import { selectorLabels } from "./labels.ts";

/** Lets a drained node take one replica at a time. A replica that is broken anyway never holds up a drain. */
export function disruptionBudgetSpec(
  workload: string,
): types.input.policy.v1.PodDisruptionBudgetSpec {
  return {
    maxUnavailable: 1,
    selector: { matchLabels: selectorLabels(workload) },
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  };
}

const pullSeconds = 120;
const rollSecondsPerReplica = 30;
/** A replay of a long write-ahead log may take longer, and goes on; nobody should look at a silent `up` for it. */
const longestStartSeconds = 180;

/**
 * How long `pulumi up` waits for a workload before it fails with what its pods say. Its own default is ten minutes,
 * whatever the workload is.
 */
export function awaitAnnotations(replicas: number, startSeconds: number): Record<string, string> {
  const start = Math.min(startSeconds, longestStartSeconds);
  const seconds = pullSeconds + start + replicas * rollSecondsPerReplica;
  return { "pulumi.com/timeoutSeconds": `${seconds}` };
}
