import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { metricNames } from "../config/metric-names.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { StopTimes } from "../config/stopping.ts";
import { podFieldEnv } from "./container.ts";
import { containerPorts } from "./ports.ts";
import { resourceRequirements } from "./quantities.ts";
import { restrictedContainer } from "./security.ts";

/** What the container beside a gateway's collector needs said. */
export interface DrainSidecar {
  readonly workload: "gateway";
  readonly image: Input<string>;
  readonly pullPolicy: Settings["images"]["pullPolicy"];
  readonly times: StopTimes;
  /** Name of the volume's claim in the StatefulSet. */
  readonly claim: string;
}

const size = { cpuRequestMillicores: 5, cpuLimitMillicores: 500, memoryMiB: 96 };
/** Leaves most of the container for what is not JavaScript's heap. */
const heapMiB = 24;
const portName = "drain";
const startSeconds = 60;
const accountVolume = "drain-account";
const accountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Waits for empty queues when the pod is told to leave. An init container that keeps running: it starts before the
 * collector and ends after it.
 */
export function drainSidecar(sidecar: DrainSidecar): types.input.core.v1.Container {
  const { workload, image, pullPolicy } = sidecar;
  const { drain: port } = ports[workload];
  const alive = { httpGet: { path: "/healthz", port } };
  return {
    name: "drain",
    image,
    imagePullPolicy: pullPolicy,
    restartPolicy: "Always",
    env: environment(sidecar),
    ports: containerPorts([{ name: portName, number: port }]),
    resources: resourceRequirements(size),
    securityContext: restrictedContainer,
    startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: startSeconds },
    // None for readiness: a gateway whose sidecar is ill serves all the same.
    livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [{ name: accountVolume, mountPath: accountPath, readOnly: true }],
  };
}

function environment({ workload, times, claim }: DrainSidecar): types.input.core.v1.EnvVar[] {
  const { metrics, drain } = ports[workload];
  const values = {
    PORT: `${drain}`,
    METRICS_URL: `http://127.0.0.1:${metrics}/metrics`,
    QUEUE_METRIC: metricNames.collector.queueSize,
    IN_FLIGHT_METRIC: metricNames.collector.inFlight,
    LEAVE_SECONDS: `${times.leaveSeconds}`,
    DRAIN_SECONDS: `${times.drainSeconds}`,
    SETTLE_SECONDS: `${times.settleSeconds}`,
    STATEFUL_SET: workload,
    CLAIM: claim,
    NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
  };
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    podFieldEnv("POD_NAME", "metadata.name"),
    podFieldEnv("POD_NAMESPACE", "metadata.namespace"),
  ];
}

/** What the collector does before it is told to stop: it asks the sidecar, which answers when there is nothing to wait for. */
export function drainHook(workload: "gateway"): types.input.core.v1.LifecycleHandler {
  return { httpGet: { path: "/drain", port: ports[workload].drain } };
}

/** A token of the pod's account for the sidecar alone: the collector, which strangers send to, gets none from it. */
export const drainAccount: types.input.core.v1.Volume = {
  name: accountVolume,
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: 3_600 } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ],
  },
};

/** The one thing the sidecar asks for: how many replicas its own set wants. */
export function drainAccess(workload: "gateway"): types.input.rbac.v1.PolicyRule[] {
  return [
    {
      apiGroups: ["apps"],
      resources: ["statefulsets"],
      resourceNames: [workload],
      verbs: ["get"],
    },
  ];
}
