import { toYaml } from "../config/yaml.ts";
import type { RecordedResource } from "./record.ts";

/** One Kubernetes object, as the API server would get it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly [section: string]: unknown;
}

/** The Kubernetes objects among what a program deploys. */
export function manifestsOf(resources: readonly RecordedResource[]): Manifest[] {
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ name, inputs }) => {
      if (!isManifest(inputs)) {
        throw new Error(
          `${name} has no metadata.name: Pulumi would make one up at each deployment`,
        );
      }
      return inputs;
    });
}

function isManifest(inputs: Readonly<Record<string, unknown>>): inputs is Manifest {
  const { metadata } = inputs;
  return typeof metadata === "object" && metadata !== null && "name" in metadata;
}

/**
 * The files that show a deployment, by their path: each object under `manifests/`, and each file that a ConfigMap holds
 * once more by itself under `config/`. Equal deployments give equal bytes.
 */
export function renderedFiles(manifests: readonly Manifest[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const manifest of manifests) {
    const path = `manifests/${manifestFile(manifest)}`;
    if (files.has(path))
      throw new Error(`two objects would both be ${path}: one needs another name`);
    files.set(path, toYaml(manifest));
    if (manifest.kind !== "ConfigMap") continue;
    for (const [key, content] of Object.entries(manifest.data ?? {})) {
      files.set(`config/${manifest.metadata.name}/${key}`, content);
    }
  }
  return files;
}

function manifestFile({ kind, metadata: { name, namespace } }: Manifest): string {
  const parts = [kind.toLowerCase(), namespace, name].filter((part) => part !== undefined);
  return `${parts.join("-")}.yaml`;
}
