import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, posix } from "node:path";
import { arch } from "node:os";
import { padding, tarHeader, tarStream, type TarBody, type TarEntry } from "./tar.ts";

/** A file, a directory or a link in an image; just one of `source`, `content`, `linkTarget` or `directory`. */
export interface ImageFile {
  /** Absolute path in the image. */
  readonly path: string;
  /** A file of this machine, or a directory that is taken whole. */
  readonly source?: string;
  readonly content?: string | Buffer;
  readonly linkTarget?: string;
  readonly directory?: true;
  /** Default: 0755 for directories and what is executable, else 0644. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A uid, or `uid:gid`. */
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
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

/** A layer's files with the directories above them, sorted, each path once. */
export function layerEntries(files: readonly ImageFile[]): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  for (const entry of files.flatMap((file) => fileEntries(file, false))) {
    for (const parent of parentsOf(entry.path)) {
      if (!entries.has(parent)) entries.set(parent, directoryEntry(parent));
    }
    entries.set(entry.path, entry);
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Links that are met within a tree stay links; a link that is named itself is followed. */
function fileEntries(file: ImageFile, withinTree: boolean): TarEntry[] {
  const path = posix.normalize(file.path).replace(/^\//, "").replace(/\/$/, "");
  if (path === "" || path.startsWith("..")) {
    throw new Error(`image file ${file.path} is outside the image. Fix: write an absolute path`);
  }
  const owner = { uid: file.uid ?? 0, gid: file.gid ?? 0 };
  const entry = (kind: TarEntry["kind"], mode: number, more: object = {}): TarEntry[] => [
    { path, kind, mode: file.mode ?? mode, ...owner, ...more },
  ];
  if (file.directory) return entry("directory", 0o755);
  if (file.linkTarget !== undefined) {
    return entry("symlink", 0o777, { linkTarget: file.linkTarget });
  }
  if (file.content !== undefined) {
    return entry("file", 0o644, { body: { bytes: Buffer.from(file.content) } });
  }
  if (file.source === undefined) {
    throw new Error(`image file ${file.path} has neither source, content, link nor directory`);
  }
  const { source } = file;
  if (withinTree && lstatSync(source).isSymbolicLink()) {
    return entry("symlink", 0o777, { linkTarget: readlinkSync(source) });
  }
  const target = statSync(source);
  if (target.isDirectory()) {
    return [
      ...entry("directory", 0o755),
      ...readdirSync(source).flatMap((name) =>
        fileEntries(
          { ...owner, path: posix.join("/", path, name), source: join(source, name) },
          true,
        ),
      ),
    ];
  }
  const mode = target.mode & 0o111 ? 0o755 : 0o644;
  return entry("file", mode, { body: { source, size: target.size } });
}

function parentsOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function directoryEntry(path: string): TarEntry {
  return { path, kind: "directory", mode: 0o755, uid: 0, gid: 0 };
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
