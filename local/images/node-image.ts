import { join } from "node:path";
import type { OwnImage } from "../../kubernetes/own-image.ts";
import type { ImageFile, ImageSpec } from "../cluster/image-writer.ts";
import { canonicalReference } from "./ensure.ts";
import { sharedLibraries } from "./shared-libraries.ts";

/** A program of the project's own, as its Dockerfile lays it out. */
export interface NodeProgram {
  readonly image: OwnImage;
  /** As in the stack's `images.registry`. */
  readonly registry?: string | undefined;
  readonly uid: number;
  readonly port: number;
  readonly entrypoint: readonly string[];
  /** Folder of the installed dependencies, where it has any. */
  readonly modules?: string;
  /** The Node that runs in the image; this one by default. */
  readonly node?: string | undefined;
}

/** Its image: this machine's Node, its libraries, and the program, at the Dockerfile's paths. */
export async function nodeImageSpec(program: NodeProgram): Promise<ImageSpec> {
  const { image, uid, modules, node = process.execPath } = program;
  const libraries = await sharedLibraries(node);
  return {
    ref: canonicalReference(image.reference(program.registry)),
    layers: [
      { files: [...systemFiles(uid), { path: "/usr/local/bin/node", source: node, mode: 0o755 }] },
      { files: libraries.map((path): ImageFile => ({ path, source: path, mode: 0o755 })) },
      ...(modules === undefined
        ? []
        : [{ files: [{ path: "/app/node_modules", source: modules }] }]),
      {
        files: ["package.json", "src"].map((name): ImageFile => ({
          path: `/app/${name}`,
          source: join(image.directory, name),
        })),
      },
    ],
    config: {
      user: `${uid}:${uid}`,
      workingDir: "/app",
      env: { NODE_ENV: "production", PATH: "/usr/local/bin" },
      entrypoint: program.entrypoint,
      exposedPorts: [`${program.port}/tcp`],
    },
  };
}

function systemFiles(uid: number): ImageFile[] {
  return [
    { path: "/etc/passwd", content: `app:x:${uid}:${uid}::/app:/sbin/nologin\n` },
    { path: "/etc/group", content: `app:x:${uid}:\n` },
    { path: "/etc/nsswitch.conf", content: "hosts: files dns\n" },
  ];
}
