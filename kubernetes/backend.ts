import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { awaitAnnotations } from "./availability.ts";
import { objectMeta } from "./metadata.ts";
import { makeParts, type WorkloadParts } from "./workload-parts.ts";

/** The objects of a workload that is a StatefulSet. Every backend is one. */
export interface Backend extends WorkloadParts {
  readonly startSeconds: number;
  readonly statefulSet: types.input.apps.v1.StatefulSetSpec;
  /** What else must be there before the first pod. */
  readonly needs?: readonly pulumi.Resource[];
}

/** Makes a backend's objects, as children of its component. */
export function makeBackend(
  name: string,
  parent: pulumi.ComponentResource,
  backend: Backend,
): void {
  const { identity, replicas, startSeconds, needs = [] } = backend;
  const parts = makeParts(name, parent, backend);
  new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata: objectMeta(identity, identity.workload, awaitAnnotations(replicas, startSeconds)),
      spec: backend.statefulSet,
    },
    { parent, dependsOn: [...parts, ...needs] },
  );
}
