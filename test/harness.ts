import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { parseConfig } from "../config/parse.ts";
import type { Settings } from "../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { manifestsOf, type Manifest } from "../scripts/manifests.ts";
import { record, type RecordedResource } from "../scripts/record.ts";

const projectDir = join(import.meta.dirname, "..");

/** Settings of one of the checkout's stacks, with changes laid over its `platform`. */
export function stackSettings(stack: "dev" | "prod", changes: unknown = {}): Settings {
  const source = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(projectDir, source));
  return parseConfig(source, mergeOverlay(written, changes));
}

/** What a program deployed, for a test to look at. */
export interface Deployment {
  readonly resources: readonly RecordedResource[];
  readonly manifests: readonly Manifest[];
  /** `Kind/name` of every object, sorted. */
  readonly names: readonly string[];
  /** The one object of that kind and name; a test that asks for another one fails with what is there. */
  readonly get: (kind: string, name: string) => Manifest;
  readonly has: (kind: string, name: string) => boolean;
}

/** Deploys into a recording: `deploy(() => new Gateway("gateway", …))`. */
export async function deploy(program: () => unknown): Promise<Deployment> {
  const resources = await record(program);
  const manifests = manifestsOf(resources);
  const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
  const find = (kind: string, name: string) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  return {
    resources,
    manifests,
    names,
    get: (kind, name) => {
      const found = find(kind, name);
      if (found === undefined) throw new Error(`no ${kind}/${name} among ${names.join(", ")}`);
      return found;
    },
    has: (kind, name) => find(kind, name) !== undefined,
  };
}

const workloadKinds: readonly string[] = ["Deployment", "StatefulSet", "DaemonSet", "Job"];

/** An object that runs pods, with the template of its pods. */
export interface DeployedWorkload {
  readonly label: string;
  readonly manifest: Manifest;
  readonly spec: types.output.apps.v1.StatefulSetSpec;
  readonly template: types.output.core.v1.PodTemplateSpec;
  readonly container: types.output.core.v1.Container;
  /** Containers that start before it and end after it. */
  readonly sidecars: readonly types.output.core.v1.Container[];
}

/** Every object of a deployment that runs pods. */
export function workloadsOf(manifests: readonly Manifest[]): DeployedWorkload[] {
  return manifests
    .filter(({ kind }) => workloadKinds.includes(kind))
    .map((manifest) => {
      const spec = manifest.spec as types.output.apps.v1.StatefulSetSpec;
      const { template } = spec;
      const [container] = template.spec.containers;
      const label = `${manifest.kind}/${manifest.metadata.name}`;
      if (container === undefined) throw new Error(`${label} has no container`);
      const { initContainers = [] } = template.spec as Partial<types.output.core.v1.PodSpec>;
      // One that ends before the others start is none.
      const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
      return { label, manifest, spec, template, container, sidecars };
    });
}
