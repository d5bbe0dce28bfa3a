import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Workload } from "../config/ports.ts";
import type { Edge } from "../config/topology.ts";
import { awaitAnnotations, disruptionBudgetSpec } from "./availability.ts";
import { objectMeta, type WorkloadIdentity } from "./metadata.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { serviceAnnotations } from "./services.ts";

/** The objects of a workload whose replicas each have a volume. Every backend is one. */
export interface Backend {
  readonly identity: WorkloadIdentity & { readonly workload: Workload };
  readonly edges: readonly Edge[];
  readonly replicas: number;
  readonly startSeconds: number;
  /** Of its service account. */
  readonly accountAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
  /** ConfigMaps by name, each with its files. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Secrets by name, each with its data. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<Record<string, string>>>>;
  /** Services by name. */
  readonly services: Readonly<Record<string, types.input.core.v1.ServiceSpec>>;
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
  const { identity, replicas } = backend;
  const { workload, namespace } = identity;
  const metadata = objectMeta(identity);
  const child = { parent };

  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: objectMeta(identity, workload, backend.accountAnnotations) },
    child,
  );
  const policy = new k8s.networking.v1.NetworkPolicy(
    name,
    { metadata, spec: networkPolicySpec(workload, backend.edges, namespace) },
    child,
  );
  const configs = Object.entries(backend.configs).map(
    ([config, data]) =>
      new k8s.core.v1.ConfigMap(config, { metadata: objectMeta(identity, config), data }, child),
  );
  const secrets = Object.entries(backend.secrets ?? {}).map(
    ([secret, data]) =>
      new k8s.core.v1.Secret(secret, { metadata: objectMeta(identity, secret), data }, child),
  );
  for (const [service, spec] of Object.entries(backend.services)) {
    const serviceMetadata = objectMeta(identity, service, serviceAnnotations);
    new k8s.core.v1.Service(service, { metadata: serviceMetadata, spec }, child);
  }
  new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata: objectMeta(identity, workload, awaitAnnotations(replicas, backend.startSeconds)),
      spec: backend.statefulSet,
    },
    // Before the first pod, and gone after the last.
    { parent, dependsOn: [account, policy, ...configs, ...secrets, ...(backend.needs ?? [])] },
  );
  if (replicas > 1) {
    const spec = disruptionBudgetSpec(workload);
    new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
  }
}
