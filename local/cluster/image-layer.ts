import { lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { TarEntry } from "./tar.ts";

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
