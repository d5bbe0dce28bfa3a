import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** An image of the project's own, to be built and pushed. */
export interface BuiltImageArgs {
  /** Name with registry and tag. */
  readonly image: string;
  /** Folder of the sources and the Dockerfile, relative to where the program runs: the same on every machine. */
  readonly context: string;
  /** What the nodes are. One only: this provider pushes no image of several platforms. */
  readonly platform: string;
}

/** Built by this machine's Docker and pushed with Docker's own login whenever a source changes. */
export class BuiltImage extends pulumi.ComponentResource {
  /** The pushed image by its digest, so that pods roll exactly when it changes. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: BuiltImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:BuiltImage", name, {}, opts);
    const { image: imageName, context, platform } = args;
    const build = { context, dockerfile: `${context}/Dockerfile`, platform };
    const image = new docker.Image(name, { imageName, build }, { parent: this });
    this.reference = image.repoDigest;
    this.registerOutputs({ reference: this.reference });
  }
}
