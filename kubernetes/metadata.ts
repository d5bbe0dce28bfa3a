import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { workloadLabels } from "./labels.ts";

/** Where a workload's objects live and what they are labelled by. */
export interface WorkloadIdentity {
  readonly workload: string;
  /** Version of what runs, as its image's tag says. */
  readonly version: string;
  /** An output where the namespace is made by the same stack, so that it comes first and goes last. */
  readonly namespace: Input<string>;
}

/** Metadata of one object of a workload. Names are fixed: others find the object by it. */
export function objectMeta(
  identity: WorkloadIdentity,
  name: string = identity.workload,
  annotations?: Readonly<Record<string, Input<string>>>,
): types.input.meta.v1.ObjectMeta {
  return {
    name,
    namespace: identity.namespace,
    labels: workloadLabels(identity.workload, identity.version),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** Metadata of a workload's object that has no namespace; its name carries the namespace, so that two stacks can share a cluster. */
export function clusterObjectMeta(
  identity: WorkloadIdentity,
  name: Input<string>,
): types.input.meta.v1.ObjectMeta {
  return { name, labels: workloadLabels(identity.workload, identity.version) };
}
