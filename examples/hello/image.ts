import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesChecksum } from "../../kubernetes/config-files.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));
const repository = "sightline/hello";

/** What the image is made from besides the sources; npm's own settings decide what `npm ci` does. */
const manifests = [".npmrc", "Dockerfile", "package-lock.json", "package.json"];

/** Folder of the example. */
export const helloDirectory = directory;

/** The files that the image's content depends on, by their path in the example's folder. */
export function helloInputs(): Record<string, string> {
  const sources = readdirSync(join(directory, "src")).map((name) => `src/${name}`);
  return Object.fromEntries(
    [...manifests, ...sources].map((path) => [path, readFileSync(join(directory, path), "utf8")]),
  );
}

/** The image's name. Its tag is known without building it, and changes exactly when an input does. */
export function helloImageReference(registry?: string): string {
  return referenceOf(helloInputs(), registry);
}

/** The name of the image that is made from these inputs. */
export function referenceOf(inputs: Readonly<Record<string, string>>, registry?: string): string {
  const { version } = JSON.parse(inputs["package.json"] ?? "") as { version: string };
  const name = `${repository}:${version}-${filesChecksum(inputs)}`;
  return registry === undefined ? name : `${registry}/${name}`;
}
