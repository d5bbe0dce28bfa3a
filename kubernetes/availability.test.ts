import { expect, test } from "vitest";
import { autoscalerSpec } from "./autoscaling.ts";
import { awaitAnnotations } from "./availability.ts";

test.each([
  [1, 60, "210"],
  [3, 60, "270"],
  [10, 60, "480"],
  // A log may be replayed for longer than anybody should wait for an answer.
  [3, 600, "390"],
])("%i replicas that start in %i s are waited for %s s", (replicas, startSeconds, seconds) => {
  expect(awaitAnnotations(replicas, startSeconds)).toEqual({
    "pulumi.com/timeoutSeconds": seconds,
  });
});

test("an autoscaler follows both measures, and shrinks slowly", () => {
  const scaling = {
    replicas: { min: 2, max: 5 },
    cpuPercent: 65,
    memoryPercent: 75,
    scaleDownDelaySeconds: 600,
  };
  expect(autoscalerSpec({ kind: "Deployment", name: "web" }, scaling)).toEqual({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 65 } },
      },
      {
        type: "Resource",
        resource: { name: "memory", target: { type: "Utilization", averageUtilization: 75 } },
      },
    ],
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 600,
        policies: [{ type: "Pods", value: 1, periodSeconds: 60 }],
      },
    },
  });
});
