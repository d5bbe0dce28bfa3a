import type { types } from "@pulumi/kubernetes";
import { peersService } from "../config/endpoints.ts";
import type { Workload } from "../config/ports.ts";
import { selectorLabels } from "./labels.ts";
import { keepClaims, volumeClaimTemplate } from "./volumes.ts";

/** Name of the one volume that each replica of a backend has. */
export const dataVolume = "data";

/** What a set of replicas, each with a volume of its own, needs said. */
export interface StatefulBackend {
  readonly workload: Workload;
  readonly replicas: number;
  readonly volumeGiB: number;
  readonly storageClass: string | undefined;
  readonly template: types.input.core.v1.PodTemplateSpec;
}

/** Replicas that all start at once, since they look for each other, and are rolled one after another. */
export function statefulSetSpec(backend: StatefulBackend): types.input.apps.v1.StatefulSetSpec {
  const { workload, replicas, volumeGiB, storageClass, template } = backend;
  return {
    replicas,
    serviceName: peersService(workload),
    podManagementPolicy: "Parallel",
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    persistentVolumeClaimRetentionPolicy: keepClaims,
    volumeClaimTemplates: [volumeClaimTemplate(dataVolume, workload, volumeGiB, storageClass)],
    template,
  };
}
