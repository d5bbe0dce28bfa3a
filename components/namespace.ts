import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { platformLabels } from "../kubernetes/labels.ts";
import { nothingAllowed } from "../kubernetes/network-policy.ts";
import { privilegedNamespaceLabels, restrictedNamespaceLabels } from "../kubernetes/security.ts";

/** Where a part of the platform lives. */
export interface NamespaceArgs {
  readonly name: string;
  /** `privileged` only for what mounts folders of its node. */
  readonly podSecurity: keyof typeof levels;
}

const levels = { restricted: restrictedNamespaceLabels, privileged: privilegedNamespaceLabels };

/**
 * A namespace of the platform, in which nobody talks to anybody unless a workload's own policy says so. With it go all
 * volumes: `pulumi destroy` deletes what the platform stored in the cluster.
 */
export class Namespace extends pulumi.ComponentResource {
  /** An output, so that what is made inside comes after the namespace and goes before it. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Namespace", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: { name: args.name, labels: { ...platformLabels, ...levels[args.podSecurity] } },
      },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;
    new k8s.networking.v1.NetworkPolicy(
      `${name}-default`,
      {
        metadata: { name: "default", namespace: this.namespace, labels: platformLabels },
        spec: nothingAllowed,
      },
      { parent: this },
    );
    this.registerOutputs({ namespace: this.namespace });
  }
}
