import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { Settings } from "../config/settings.ts";
import { checksumAnnotation, filesChecksum } from "./config-files.ts";
import { selectorLabels, workloadLabels } from "./labels.ts";
import type { WorkloadIdentity } from "./metadata.ts";
import { apart, spread } from "./scheduling.ts";
import { restrictedPod } from "./security.ts";

/** What one kind of pod needs said; everything else is the same for all. */
export interface PlatformPod {
  readonly identity: WorkloadIdentity;
  readonly replicas: number;
  readonly uid: number;
  readonly images: Settings["images"];
  readonly serviceAccount: Input<string>;
  /** Whether the pod gets a token for the Kubernetes API. */
  readonly apiAccess: boolean;
  readonly graceSeconds: number;
  /** Mounted files, by name: a changed one rolls the pods. */
  readonly files: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, Input<string>>>;
  readonly container: types.input.core.v1.Container;
  /** Containers that start before it and end after it. */
  readonly sidecars?: readonly types.input.core.v1.Container[];
  readonly volumes: readonly types.input.core.v1.Volume[];
  /** What only a pod that stands for its node needs said. */
  readonly node?: Pick<
    types.input.core.v1.PodSpec,
    "securityContext" | "initContainers" | "priorityClassName" | "tolerations"
  >;
}

/** A pod that Pod Security's strictest level takes, away from its own kind. */
export function podTemplate(pod: PlatformPod): types.input.core.v1.PodTemplateSpec {
  const { workload, version } = pod.identity;
  const matchLabels = selectorLabels(workload);
  const affinity = apart(pod.replicas, matchLabels);
  return {
    metadata: {
      labels: workloadLabels(workload, version),
      annotations: { ...pod.annotations, [checksumAnnotation]: filesChecksum(pod.files) },
    },
    spec: {
      serviceAccountName: pod.serviceAccount,
      automountServiceAccountToken: pod.apiAccess,
      // Docker-style variables of every Service in the namespace would only be noise, or settings of a server by accident.
      enableServiceLinks: false,
      securityContext: restrictedPod(pod.uid),
      terminationGracePeriodSeconds: pod.graceSeconds,
      topologySpreadConstraints: spread(pod.replicas, matchLabels),
      ...(affinity === undefined ? {} : { affinity }),
      ...(pod.images.pullSecrets.length === 0
        ? {}
        : { imagePullSecrets: pod.images.pullSecrets.map((name) => ({ name })) }),
      ...(pod.sidecars === undefined || pod.sidecars.length === 0
        ? {}
        : { initContainers: [...pod.sidecars] }),
      containers: [pod.container],
      volumes: [...pod.volumes],
      ...pod.node,
    },
  };
}
