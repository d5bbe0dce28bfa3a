import type { types } from "@pulumi/kubernetes";

/** Labels by which Pod Security holds a namespace to its strictest level. */
export const restrictedNamespaceLabels: Record<string, string> = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

/**
 * Labels of the one namespace that admits folders of the node, which Pod Security takes for a privilege at every level
 * below. What is in it still runs without root, capabilities and a writable file system of its own.
 */
export const privilegedNamespaceLabels: Record<string, string> = {
  "pod-security.kubernetes.io/enforce": "privileged",
  "pod-security.kubernetes.io/audit": "privileged",
  "pod-security.kubernetes.io/warn": "privileged",
};

/** A pod that reads folders of its node: of root's group, whose files there are, without being root. */
export function nodeReadingPod(uid: number): types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: 0,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** For a moment before the pod's own container: root that may give away a folder, and nothing else. */
export const folderGivingContainer: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: false,
  runAsUser: 0,
  capabilities: { drop: ["ALL"], add: ["CHOWN"] },
};

/** A pod that runs as this uid; its volumes are given to the same group. */
export function restrictedPod(uid: number): types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    // Without it, every file of a large volume is visited at each start.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** No privileges, no capabilities, no writing outside of volumes. */
export const restrictedContainer: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
};
