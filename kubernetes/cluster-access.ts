import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { bindClusterRole } from "./access.ts";
import { clusterObjectMeta, type WorkloadIdentity } from "./metadata.ts";

/** Gives a workload's service account these rules in the whole cluster; what needs them waits for what is returned. */
export function makeClusterAccess(
  name: string,
  parent: pulumi.ComponentResource,
  identity: WorkloadIdentity,
  rules: readonly types.input.rbac.v1.PolicyRule[],
  /** Where the workload has a namespace of its own. */
  platformNamespace = identity.namespace,
): pulumi.Resource {
  const { workload, namespace } = identity;
  // Two platforms can share a cluster, but not a name outside of their namespaces.
  const metadata = clusterObjectMeta(
    identity,
    pulumi.interpolate`${platformNamespace}-${workload}`,
  );
  const role = new k8s.rbac.v1.ClusterRole(name, { metadata, rules: [...rules] }, { parent });
  const binding = bindClusterRole(role.metadata.name, { name: workload, namespace });
  return new k8s.rbac.v1.ClusterRoleBinding(name, { metadata, ...binding }, { parent });
}
