import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

/** @typedef {import("./context.js").Context} Context */

const manifestName = "manifest.json";
const draftPrefix = ".draft-";

/**
 * Where the pinned Node is kept.
 * @param {Context} context
 */
export function keptNode({ cache, pinned, platform }) {
  return join(cache, "node", `${pinned.version}-${platform}`, "node");
}

/**
 * `good`, or what is wrong with the kept copy. Its sum is read only where the size or the time differs.
 * @param {string} path
 * @returns {Promise<string>}
 */
export async function checkKept(path) {
  const manifestPath = join(dirname(path), manifestName);
  try {
    const expected = JSON.parse(await readFile(manifestPath, "utf8"));
    const found = await stat(path);
    if (found.size !== expected.bytes) {
      return `${path} has ${found.size} bytes instead of ${expected.bytes}`;
    }
    if (Math.trunc(found.mtimeMs) === expected.modifiedMs) return "good";
    if ((await sumOf(path, "sha256", "hex")) !== expected.sha256) {
      return `${path} has another checksum than when it was kept`;
    }
    await writeManifest(path, expected.sha256);
    return "good";
  } catch (error) {
    const isMissing = /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT";
    return isMissing ? `none in ${dirname(path)}` : `${manifestPath} cannot be read`;
  }
}

/**
 * Lets `fill` put `node` into a draft folder, which becomes the kept copy only when it is whole and runs.
 * @param {string} path
 * @param {(draft: string) => Promise<void>} fill
 */
export async function keep(path, fill) {
  const folder = dirname(path);
  await mkdir(dirname(folder), { recursive: true });
  await removeDrafts(dirname(folder));
  const draft = await mkdtemp(join(dirname(folder), `${draftPrefix}${process.pid}-`));
  try {
    await fill(draft);
    const binary = join(draft, "node");
    await chmod(binary, 0o755);
    await writeManifest(binary, await sumOf(binary, "sha256", "hex"));
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Removes what killed runs left; a draft carries the number of the process that makes it.
 * @param {string} folder
 */
async function removeDrafts(folder) {
  for (const name of await readdir(folder)) {
    const maker = Number(new RegExp(`^\\${draftPrefix}(\\d+)-`).exec(name)?.[1]);
    if (Number.isNaN(maker) || isRunning(maker)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * @param {string} path
 * @param {string} sha256
 */
async function writeManifest(path, sha256) {
  const { size, mtimeMs } = await stat(path);
  const manifest = { sha256, bytes: size, modifiedMs: Math.trunc(mtimeMs) };
  await writeFile(join(dirname(path), manifestName), `${JSON.stringify(manifest)}\n`);
}

/**
 * The sum of a file.
 * @param {string} path
 * @param {"sha256" | "sha512"} algorithm
 * @param {"hex" | "base64"} encoding
 */
export async function sumOf(path, algorithm, encoding) {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest(encoding);
}
