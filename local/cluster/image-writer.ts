import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { arch } from "node:os";
import { layerEntries, type ImageFile } from "./image-layer.ts";
import { padding, tarHeader, tarStream, type TarBody, type TarEntry } from "./tar.ts";

export type { ImageFile };

export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A uid, or `uid:gid`. */
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What tells it to stop, where that is not SIGTERM. */
  readonly stopSignal?: string;
  /** As in `4317/tcp`. */
  readonly exposedPorts?: readonly string[];
}

/** An image, made from files. */
export interface ImageSpec {
  /** Whole name with registry and tag, as pods name it. */
  readonly ref: string;
  readonly layers: readonly { readonly files: readonly ImageFile[] }[];
  readonly config: ImageConfig;
}

export interface WrittenImage {
  readonly ref: string;
  /** The manifest's digest. Equal input gives an equal one. */
  readonly digest: string;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** Writes an image as an OCI layout in a tar file. Layers are not compressed: they never leave the machine. */
export async function writeImage(spec: ImageSpec, tarPath: string): Promise<WrittenImage> {
  const { digest, chunks } = await encodeImage(spec);
  const file = await open(tarPath, "w", 0o644);
  try {
    for await (const chunk of chunks()) await file.write(chunk);
  } finally {
    await file.close();
  }
  return { ref: spec.ref, digest };
}

/** Computes an image's digest and gives the pieces of its tar file, read from the disk as they are asked for. */
export async function encodeImage(
  spec: ImageSpec,
): Promise<WrittenImage & { chunks: () => AsyncGenerator<Buffer> }> {
  const layers = await Promise.all(
    spec.layers.map(async ({ files }) => {
      const entries = layerEntries(files);
      return { entries, blob: await measure(tarStream(entries)) };
    }),
  );
  const config = jsonBlob(
    imageConfig(
      spec.config,
      layers.map(({ blob }) => blob.digest),
    ),
  );
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...config.blob },
    layers: layers.map(({ blob }) => ({ mediaType: mediaTypes.layer, ...blob })),
  });
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        ...manifest.blob,
        annotations: { "io.containerd.image.name": spec.ref },
      },
    ],
  };
  const small: [string, Buffer][] = [
    ["oci-layout", jsonBytes({ imageLayoutVersion: "1.0.0" })],
    ["index.json", jsonBytes(index)],
    [blobPath(manifest.blob), manifest.bytes],
    [blobPath(config.blob), config.bytes],
  ];
  return {
    ref: spec.ref,
    digest: manifest.blob.digest,
    chunks: async function* () {
      for (const [path, bytes] of small) {
        yield Buffer.concat([tarHeader(plainFile(path, { bytes })), bytes, padding(bytes.length)]);
      }
      const written = new Set<string>();
      for (const { entries, blob } of layers) {
        if (written.has(blob.digest)) continue;
        written.add(blob.digest);
        yield tarHeader(plainFile(blobPath(blob), { source: "", size: blob.size }));
        yield* tarStream(entries);
        yield padding(blob.size);
      }
      yield Buffer.alloc(1024);
    },
  };
}

/**
 * A key that changes when anything of the image may have: names, modes, and size and time of each
 * source. Far cheaper than the digest, which reads every byte.
 */
export function imageKey(spec: ImageSpec): string {
  const layers = spec.layers.map(({ files }) =>
    layerEntries(files).map(({ body, ...entry }) => {
      if (body === undefined) return entry;
      if ("bytes" in body) return { ...entry, bytes: hash(body.bytes) };
      return {
        ...entry,
        ...body,
        modified: statSync(body.source, { bigint: true }).mtimeNs.toString(),
      };
    }),
  );
  return hash(jsonBytes({ layers, config: spec.config, arch: arch() }));
}

function imageConfig(config: ImageConfig, diffIds: readonly string[]) {
  return {
    architecture: arch() === "x64" ? "amd64" : arch(),
    os: "linux",
    config: {
      User: config.user,
      ExposedPorts:
        config.exposedPorts && Object.fromEntries(config.exposedPorts.map((port) => [port, {}])),
      Env: config.env && Object.entries(config.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: config.entrypoint,
      Cmd: config.command,
      StopSignal: config.stopSignal,
      WorkingDir: config.workingDir,
      Labels: config.labels,
    },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map(() => ({ created_by: "sightline" })),
  };
}

async function measure(chunks: AsyncIterable<Buffer>): Promise<Blob> {
  const digest = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    digest.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${digest.digest("hex")}`, size };
}

function jsonBlob(value: unknown): { blob: Blob; bytes: Buffer } {
  const bytes = jsonBytes(value);
  return { blob: { digest: `sha256:${hash(bytes)}`, size: bytes.length }, bytes };
}

function plainFile(path: string, body: TarBody): TarEntry {
  return { path, kind: "file", mode: 0o644, uid: 0, gid: 0, body };
}

function blobPath({ digest }: Blob): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
