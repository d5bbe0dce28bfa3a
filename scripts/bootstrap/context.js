import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pinnedNode } from "./pinned-node.js";

/**
 * What the search for a Node is told; the tests put their own in its place.
 * @typedef {object} Context
 * @property {string} required The least version.
 * @property {typeof pinnedNode} pinned What is got where none is found.
 * @property {string} platform As Node's releases name it: `linux-x64`.
 * @property {NodeJS.ProcessEnv} environment
 * @property {string} cache The folder that outlives the checkout.
 * @property {(line: string) => void} log
 */

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** @returns {Context} */
export function thisContext(environment = process.env) {
  return {
    required: requiredNode(),
    pinned: pinnedNode,
    platform: `${process.platform}-${process.arch}`,
    environment,
    cache: cacheDirectory(environment),
    log: (line) => {
      // Not where the command itself answers.
      console.error(line);
    },
  };
}

/** The least Node, which only package.json says. */
export function requiredNode() {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return String(engines.node).replace(">=", "");
}

/**
 * The folder that local/tools/cache.ts keeps programs in.
 * @param {NodeJS.ProcessEnv} environment
 */
export function cacheDirectory(environment) {
  const base = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return resolve(environment.SIGHTLINE_CACHE || join(base, "sightline"));
}

/**
 * Whether version `a` is `b` or newer.
 * @param {string} a
 * @param {string} b
 */
export function isAtLeast(a, b) {
  const [left, right] = [a.split("."), b.split(".")];
  const part = [0, 1, 2].find((index) => Number(left[index] ?? 0) !== Number(right[index] ?? 0));
  return part === undefined || Number(left[part] ?? 0) > Number(right[part] ?? 0);
}

/**
 * Why something failed, in few words.
 * @param {unknown} error
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  // Node hides why a request failed in the error's cause.
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (
    error.cause instanceof Error ? error.cause : error
  );
  return code ?? message;
}
