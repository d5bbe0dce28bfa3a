import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { selectorLabels } from "./labels.ts";
import { gibibytes, mebibytes } from "./quantities.ts";

/** Files of a ConfigMap, one for each key. */
export function configVolume(name: string, configMap: Input<string>): types.input.core.v1.Volume {
  return { name, configMap: { name: configMap } };
}

/** Files of a Secret, readable by the pod's group only. Kubernetes renews them in place when the Secret changes. */
export function secretVolume(name: string, secretName: Input<string>): types.input.core.v1.Volume {
  return { name, secret: { secretName, defaultMode: 0o440 } };
}

/** A folder of the node, which must be there, or is made (`DirectoryOrCreate`) as root's own. */
export function nodeFolderVolume(
  name: string,
  path: string,
  type: "Directory" | "DirectoryOrCreate",
): types.input.core.v1.Volume {
  return { name, hostPath: { path, type } };
}

/** A scratch folder that ends with the pod. It is limited: an unlimited one can fill the node. */
export function scratchVolume(name: string, sizeMiB: number): types.input.core.v1.Volume {
  return { name, emptyDir: { sizeLimit: mebibytes(sizeMiB) } };
}

/** What a StatefulSet makes each replica's volume from. Its labels never change: a changed template replaces the set. */
export function volumeClaimTemplate(
  name: string,
  workload: string,
  sizeGiB: number,
  storageClass?: string,
): types.input.core.v1.PersistentVolumeClaim {
  return {
    metadata: { name, labels: selectorLabels(workload) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: gibibytes(sizeGiB) } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}

/** Volumes outlive their replicas: what is on them is told or stored once more by nobody. */
export const keepClaims: types.input.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy = {
  whenDeleted: "Retain",
  whenScaled: "Retain",
};
