import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesChecksum } from "./config-files.ts";

/** Without a registry a node must have the image already: it is published nowhere, and a short name would be a stranger's. */
const nowhere = "localhost";

/** An image of the project's own: a folder with a Dockerfile, package.json and `src`. */
export class OwnImage {
  readonly directory: string;
  readonly repository: string;
  readonly #manifests: readonly string[];

  /** `manifests` are the files besides the sources that the image's content depends on. */
  constructor(directory: string, repository: string, manifests: readonly string[]) {
    this.directory = directory;
    this.repository = repository;
    this.#manifests = manifests;
  }

  /** The files that the image's content depends on, by their path in the folder. */
  inputs(): Record<string, string> {
    const sources = readdirSync(join(this.directory, "src")).map((name) => `src/${name}`);
    return Object.fromEntries(
      [...this.#manifests, ...sources].map((path) => [
        path,
        readFileSync(join(this.directory, path), "utf8"),
      ]),
    );
  }

  /** The image's name. Its tag is known without building it, and changes exactly when an input does. */
  reference(registry?: string): string {
    return ownImageReference(this.repository, this.inputs(), registry);
  }
}

/** The name of the image that is made from these inputs. */
export function ownImageReference(
  repository: string,
  inputs: Readonly<Record<string, string>>,
  registry?: string,
): string {
  const { version } = JSON.parse(inputs["package.json"] ?? "") as { version: string };
  return `${registry ?? nowhere}/${repository}:${version}-${filesChecksum(inputs)}`;
}
