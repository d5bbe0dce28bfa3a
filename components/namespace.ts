import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { platformLabels } from "../kubernetes/labels.ts";
import { restrictedNamespaceLabels } from "../kubernetes/security.ts";

/** Where the platform lives. */
export interface NamespaceArgs {
  readonly name: string;
}

/**
 * The platform's namespace, held to Pod Security's strictest level. With it go all volumes: `pulumi destroy` deletes
 * what the platform stored in the cluster.
 */
export class Namespace extends pulumi.ComponentResource {
  /** An output, so that what is made inside comes after the namespace and goes before it. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Namespace", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: { name: args.name, labels: { ...platformLabels, ...restrictedNamespaceLabels } },
      },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
