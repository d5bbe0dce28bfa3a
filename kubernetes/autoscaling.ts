import type { types } from "@pulumi/kubernetes";
import { metricNames } from "../config/metric-names.ts";

/** What an autoscaler is told, beside the workload it scales. */
export interface Autoscaling {
  readonly replicas: { readonly min: number; readonly max: number };
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Of the fullest queue of each replica, where an adapter serves it. */
  readonly queueFillPercent?: number | undefined;
  readonly scaleDownDelaySeconds: number;
}

/** Grows as fast as load does, and shrinks by one replica a minute after load stayed low for the delay. */
export function autoscalerSpec(
  target: { readonly kind: "Deployment" | "StatefulSet"; readonly name: string },
  scaling: Autoscaling,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: target.kind, name: target.name },
    minReplicas: scaling.replicas.min,
    maxReplicas: scaling.replicas.max,
    metrics: [
      utilization("cpu", scaling.cpuPercent),
      utilization("memory", scaling.memoryPercent),
      ...(scaling.queueFillPercent === undefined ? [] : [queueFill(scaling.queueFillPercent)]),
    ],
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: scaling.scaleDownDelaySeconds,
        policies: [{ type: "Pods", value: 1, periodSeconds: 60 }],
      },
    },
  };
}

function utilization(
  name: "cpu" | "memory",
  averageUtilization: number,
): types.input.autoscaling.v2.MetricSpec {
  return {
    type: "Resource",
    resource: { name, target: { type: "Utilization", averageUtilization } },
  };
}

function queueFill(percent: number): types.input.autoscaling.v2.MetricSpec {
  const metric = { name: metricNames.recorded.gatewayQueueFill };
  return {
    type: "Pods",
    pods: { metric, target: { type: "AverageValue", averageValue: `${percent}` } },
  };
}
