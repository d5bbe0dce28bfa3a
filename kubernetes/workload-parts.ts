import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Workload } from "../config/ports.ts";
import type { Edge } from "../config/topology.ts";
import { disruptionBudgetSpec } from "./availability.ts";
import { objectMeta, type WorkloadIdentity } from "./metadata.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { serviceAnnotations } from "./services.ts";

/** What a workload has beside its pods, whatever makes those. */
export interface WorkloadParts {
  readonly identity: WorkloadIdentity & { readonly workload: Workload };
  readonly edges: readonly Edge[];
  /** The platform's namespace, where the workload has one of its own. */
  readonly platformNamespace?: pulumi.Input<string>;
  /** How many there are at least. Of several, a node that is emptied takes one at a time. */
  readonly replicas: number;
  /** Of its service account. */
  readonly accountAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
  /** ConfigMaps by name, each with its files. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Secrets by name, each with its data. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<Record<string, string>>>>;
  /** Services by name. */
  readonly services: Readonly<Record<string, types.input.core.v1.ServiceSpec>>;
}

/** Makes them as children of the workload's component. What is returned comes before the first pod, and goes after the last. */
export function makeParts(
  name: string,
  parent: pulumi.ComponentResource,
  parts: WorkloadParts,
): pulumi.Resource[] {
  const { identity, platformNamespace = identity.namespace } = parts;
  const { workload } = identity;
  const metadata = objectMeta(identity);
  const child = { parent };

  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: objectMeta(identity, workload, parts.accountAnnotations) },
    child,
  );
  const policy = new k8s.networking.v1.NetworkPolicy(
    name,
    { metadata, spec: networkPolicySpec(workload, parts.edges, platformNamespace) },
    child,
  );
  const configs = Object.entries(parts.configs).map(
    ([config, data]) =>
      new k8s.core.v1.ConfigMap(config, { metadata: objectMeta(identity, config), data }, child),
  );
  const secrets = Object.entries(parts.secrets ?? {}).map(
    ([secret, data]) =>
      new k8s.core.v1.Secret(secret, { metadata: objectMeta(identity, secret), data }, child),
  );
  for (const [service, spec] of Object.entries(parts.services)) {
    const serviceMetadata = objectMeta(identity, service, serviceAnnotations);
    new k8s.core.v1.Service(service, { metadata: serviceMetadata, spec }, child);
  }
  if (parts.replicas > 1) {
    const spec = disruptionBudgetSpec(workload);
    new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
  }
  return [account, policy, ...configs, ...secrets];
}
