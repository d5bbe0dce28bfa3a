import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

/** Reading of these kinds, in all namespaces. Nothing of the platform may write through the API. */
export function readRule(
  apiGroup: string,
  resources: readonly string[],
): types.input.rbac.v1.PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: ["get", "list", "watch"] };
}

/** Gives a cluster role to one service account. */
export function bindClusterRole(
  clusterRole: Input<string>,
  serviceAccount: { readonly name: Input<string>; readonly namespace: Input<string> },
): Pick<types.input.rbac.v1.ClusterRoleBinding, "roleRef" | "subjects"> {
  return {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
    subjects: [{ kind: "ServiceAccount", ...serviceAccount }],
  };
}
