import { access, constants, open } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { run } from "../process.ts";
import type { Binary } from "./program.ts";

const versionTimeoutSeconds = 10;

/** What the PATH has: a path for each binary, or why it cannot be used. */
export type PathLookup =
  { readonly paths: Readonly<Record<string, string>> } | { readonly reason: string };

/** Looks for binaries of a program on the PATH, all of them in exactly the pinned version. */
export async function lookOnPath(
  binaries: readonly Binary[],
  version: string,
  searchPath: string,
): Promise<PathLookup> {
  const paths: Record<string, string> = {};
  for (const binary of binaries) {
    const found = await lookForBinary(binary, version, searchPath);
    if ("reason" in found) return found;
    paths[binary.name] = found.path;
  }
  return { paths };
}

async function lookForBinary(
  binary: Binary,
  version: string,
  searchPath: string,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const name = binary.pathName ?? binary.name;
  if (binary.versionArgs === undefined) return { reason: `${name} cannot be asked its version` };
  const path = await findExecutable(name, searchPath);
  if (path === undefined) return { reason: `${name} is not there` };
  const answered = await askVersion(path, binary.versionArgs);
  if (answered !== version) {
    return { reason: `${path} is ${answered ?? "of unknown version"}, not ${version}` };
  }
  // Images hold nothing but the program, so one that needs a C library would not start in a pod.
  if (!(await isStatic(path))) return { reason: `${path} needs shared libraries` };
  return { path };
}

/** The first executable of this name on a search path. */
export async function findExecutable(
  name: string,
  searchPath: string,
): Promise<string | undefined> {
  for (const directory of searchPath.split(delimiter)) {
    if (directory === "") continue;
    const path = join(directory, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

/** The first version in what a program prints; build hashes and Go's version come after it. */
async function askVersion(path: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, args, { timeoutSeconds: versionTimeoutSeconds });
    return /\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?/.exec(`${stdout}\n${stderr}`)?.[0];
  } catch {
    return undefined;
  }
}

const elfMagic = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const interpreterSegment = 3;

/** False for an ELF file that names a dynamic linker; a script is taken as it is. */
async function isStatic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, header.length, 0);
    if (!header.subarray(0, 4).equals(elfMagic)) return true;
    const offset = Number(header.readBigUInt64LE(0x20));
    const entryBytes = header.readUInt16LE(0x36);
    const table = Buffer.alloc(entryBytes * header.readUInt16LE(0x38));
    await file.read(table, 0, table.length, offset);
    for (let entry = 0; entry < table.length; entry += entryBytes) {
      if (table.readUInt32LE(entry) === interpreterSegment) return false;
    }
    return true;
  } finally {
    await file.close();
  }
}
