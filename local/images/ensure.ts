import { existsSync } from "node:fs";
import type { Log } from "../cluster/cluster.ts";
import type { ImageSpec } from "../cluster/image-writer.ts";
import { ensureImage, imageExists, type ImageStore } from "../cluster/images.ts";
import { run } from "../process.ts";
import type { ImageRecipe } from "./recipes.ts";

/** Authorities that programs without a distribution below them trust; the first that this machine has. */
const authorityFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

const pullSeconds = 120;

/** The image of a program that was built here: the program, the authorities it trusts, and nothing else. */
export function programImageSpec(recipe: ImageRecipe, program: string): ImageSpec {
  const authorities = authorityFiles.find((path) => existsSync(path));
  return {
    ref: canonicalReference(recipe.reference),
    layers: [
      ...(authorities === undefined
        ? []
        : [{ files: [{ path: "/etc/ssl/certs/ca-certificates.crt", source: authorities }] }]),
      { files: [{ path: recipe.path, source: program, mode: 0o755 }] },
    ],
    config: {
      user: `${recipe.uid}:${recipe.uid}`,
      entrypoint: [recipe.path],
      labels: { "sightline.dev/built-from": "Go modules" },
    },
  };
}

/** The name that the kubelet looks an image up by: short names belong to the default registry. */
export function canonicalReference(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const named = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (named) return reference;
  return rest.length === 0 ? `docker.io/library/${reference}` : `docker.io/${reference}`;
}

/** Puts every image into the cluster that is not there yet from the very same files. */
export async function ensureImages(
  store: ImageStore,
  specs: readonly ImageSpec[],
  log: Log,
): Promise<void> {
  const outcomes: string[] = [];
  for (const spec of specs) outcomes.push(await ensureImage(store, spec));
  const imported = outcomes.filter((outcome) => outcome === "imported").length;
  log(`images: ${imported} made, ${outcomes.length - imported} there already`);
}

/** Whether the cluster has the image or can get it: asks the registry once, and takes a refusal for an answer. */
export async function imageCanBePulled(store: ImageStore, reference: string): Promise<boolean> {
  const ref = canonicalReference(reference);
  if (await imageExists(store, ref)) return true;
  const ctr = ["--address", store.containerdSocket, "--namespace", store.ctrNamespace];
  const pulled = await run("ctr", [...ctr, "images", "pull", ref], { timeoutSeconds: pullSeconds });
  return pulled.code === 0;
}
