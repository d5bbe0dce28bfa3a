import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

interface AccountName {
  readonly name: Input<string>;
  readonly namespace: Input<string>;
}

/** Reading of these kinds, in all namespaces. Nothing of the platform may write through the API, but a lease of its own. */
export function readRule(
  apiGroup: string,
  resources: readonly string[],
): types.input.rbac.v1.PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: ["get", "list", "watch"] };
}

/** What electing one of several replicas needs: a lease of this name, to be made and kept. */
export function leaseRules(lease: string): types.input.rbac.v1.PolicyRule[] {
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  return [
    // What is not there yet has no name that a rule could ask for.
    { ...leases, verbs: ["create"] },
    { ...leases, resourceNames: [lease], verbs: ["get", "update"] },
  ];
}

/** Gives a cluster role to one service account. */
export function bindClusterRole(
  clusterRole: Input<string>,
  serviceAccount: AccountName,
): Pick<types.input.rbac.v1.ClusterRoleBinding, "roleRef" | "subjects"> {
  return binding("ClusterRole", clusterRole, serviceAccount);
}

/** Gives a role of one namespace to one service account. */
export function bindRole(
  role: Input<string>,
  serviceAccount: AccountName,
): Pick<types.input.rbac.v1.RoleBinding, "roleRef" | "subjects"> {
  return binding("Role", role, serviceAccount);
}

function binding(kind: string, name: Input<string>, serviceAccount: AccountName) {
  return {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
    subjects: [{ kind: "ServiceAccount", ...serviceAccount }],
  };
}
