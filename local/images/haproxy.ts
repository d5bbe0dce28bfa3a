import type { ImageFile, ImageSpec } from "../cluster/image-writer.ts";
import { canonicalReference } from "./ensure.ts";
import { haproxyRecipe } from "./recipes.ts";
import { sharedLibraries } from "./shared-libraries.ts";

/** The balancer's image, of this machine's program; it stops on the same signal as the published one. */
export async function haproxyImageSpec(program: string): Promise<ImageSpec> {
  const { reference, path, uid } = haproxyRecipe;
  const libraries = await sharedLibraries(program);
  return {
    ref: canonicalReference(reference),
    layers: [
      {
        files: libraries.map((library): ImageFile => ({
          path: library,
          source: library,
          mode: 0o755,
        })),
      },
      { files: [{ path, source: program, mode: 0o755 }] },
    ],
    config: {
      user: `${uid}:${uid}`,
      entrypoint: [path],
      stopSignal: "SIGUSR1",
      labels: { "sightline.dev/built-from": "Debian's package haproxy" },
    },
  };
}
