import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CacheLayout } from "./cache.ts";
import type { Architecture, Program } from "./program.ts";

/** How a kept program was got. */
export type Origin = "downloaded" | "built";

interface KeptFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly origin: Origin;
  readonly files: Readonly<Record<string, KeptFile>>;
}

export type KeptState =
  | { readonly state: "good" }
  | { readonly state: "missing" }
  | { readonly state: "damaged"; readonly reason: string };

const manifestName = "manifest.json";
const draftPrefix = ".draft-";

/** The directory that holds a program: another version, recipe or processor is another directory. */
export async function keptDirectory(
  layout: CacheLayout,
  program: Program,
  moduleDirectory: string,
  architecture: Architecture,
): Promise<string> {
  const hash = createHash("sha256");
  const { name, version, tags, variables } = program;
  hash.update(JSON.stringify({ architecture, tags, variables }));
  for (const file of await filesBelow(moduleDirectory)) {
    hash.update(`\0${relative(moduleDirectory, file)}\0`).update(await readFile(file));
  }
  return join(layout.tools, `${name}-${version}-${hash.digest("hex").slice(0, 12)}`);
}

async function filesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(path)));
    else files.push(path);
  }
  return files.sort();
}

/** Whether the kept copy can be used. The full sums are read only where a size or a time differs. */
export async function checkKept(directory: string, program: Program): Promise<KeptState> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(directory, manifestName), "utf8")) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: "missing" };
    return { state: "damaged", reason: `${manifestName} cannot be read` };
  }
  const touched: string[] = [];
  for (const { name } of program.binaries) {
    const expected = manifest.files[name];
    if (expected === undefined)
      return { state: "damaged", reason: `${name} is not in its manifest` };
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return { state: "damaged", reason: `${name} is gone` };
    if (found.size !== expected.bytes) {
      const reason = `${name} has ${found.size} bytes instead of ${expected.bytes}`;
      return { state: "damaged", reason };
    }
    if (Math.trunc(found.mtimeMs) === expected.modifiedMs) continue;
    if ((await sha256Of(path)) !== expected.sha256)
      return { state: "damaged", reason: `${name} has another checksum than when it was kept` };
    touched.push(name);
  }
  if (touched.length > 0) await writeManifest(directory, manifest);
  return { state: "good" };
}

/** A new directory beside the kept ones to make a program in; `keep` gives it its name. */
export async function draftDirectory(layout: CacheLayout): Promise<string> {
  const directory = join(layout.tools, `${draftPrefix}${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Removes what killed runs left: drafts are made under the lock, so its holder owns them all. */
export async function removeDrafts(layout: CacheLayout): Promise<void> {
  for (const name of await readdir(layout.tools)) {
    if (name.startsWith(draftPrefix)) {
      await rm(join(layout.tools, name), { recursive: true, force: true });
    }
  }
}

/** Makes a finished draft the kept copy, all of it at once. */
export async function keep(
  draft: string,
  directory: string,
  program: Program,
  origin: Origin,
): Promise<void> {
  const files: Record<string, KeptFile> = {};
  for (const { name } of program.binaries) {
    const path = join(draft, name);
    await chmod(path, 0o755);
    files[name] = { sha256: await sha256Of(path), bytes: 0, modifiedMs: 0 };
  }
  const { name, version } = program;
  await writeManifest(draft, { name, version, origin, files });
  await rm(directory, { recursive: true, force: true });
  await rename(draft, directory);
}

/** Writes the manifest with the sizes and times that the files have now. */
async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const files: Record<string, KeptFile> = {};
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    const { size, mtimeMs } = await stat(join(directory, name));
    files[name] = { sha256, bytes: size, modifiedMs: Math.trunc(mtimeMs) };
  }
  const path = join(directory, manifestName);
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ ...manifest, files }, undefined, 2)}\n`);
  await rename(draft, path);
}

/** The SHA-256 sum of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
