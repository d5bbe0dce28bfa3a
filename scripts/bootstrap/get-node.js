import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { askNode } from "./ask-node.js";
import { reasonOf, root } from "./context.js";
import { keep, keptNode, sumOf } from "./kept-node.js";

/** @typedef {import("./context.js").Context} Context */

const answerTimeoutMs = 3_000;
const stallTimeoutMs = 30_000;
const noteEveryMs = 10_000;

/** A way that gave no Node; the message says why. */
class Unusable extends Error {}

/**
 * Makes the pinned Node the kept copy: from its release, else from the npm registry. What fails is added to `tried`.
 * @param {Context} context
 * @param {string[]} tried
 * @returns {Promise<boolean>}
 */
export async function getNode(context, tried) {
  const { cache, pinned, log } = context;
  for (const [way, fill] of Object.entries({ download, npm: pack })) {
    const startedAtMs = Date.now();
    try {
      await keep(keptNode(context), async (draft) => {
        await fill(draft, context);
        mustRun(join(draft, "node"), pinned.version);
      });
      const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(0);
      log(`Node ${pinned.version}: got by ${way} in ${seconds} s, kept in ${cache}`);
      return true;
    } catch (error) {
      const problem =
        error instanceof Unusable
          ? error.message
          : `it cannot be kept in ${cache} (${reasonOf(error)}); SIGHTLINE_CACHE can name another folder`;
      tried.push(`${way}: ${problem}`);
      log(`Node ${pinned.version}: no ${way}: ${problem}`);
    }
  }
  return false;
}

/**
 * A binary may be for another C library than this machine's.
 * @param {string} path
 * @param {string} expected
 */
function mustRun(path, expected) {
  const { version, problem } = askNode(path);
  if (version === expected) return;
  throw new Unusable(`what came ${version === undefined ? problem : `is ${version}`}`);
}

/**
 * @param {string} draft
 * @param {Context} context
 */
async function download(draft, context) {
  const { pinned, platform, environment, log } = context;
  const name = `node-v${pinned.version}-${platform}`;
  const archive = `${name}.tar.gz`;
  const mirror = environment.SIGHTLINE_DOWNLOAD_MIRROR?.replace(/\/*$/, "/") ?? "https://";
  const release = `${mirror}nodejs.org/dist/v${pinned.version}`;
  const [sums, path] = [join(draft, "sums"), join(draft, archive)];
  await save(`${release}/SHASUMS256.txt`, sums);
  const lines = (await readFile(sums, "utf8")).split("\n");
  const expected = lines.find((line) => line.endsWith(`  ${archive}`))?.split(" ")[0];
  if (expected === undefined) {
    throw new Unusable(`${release}/SHASUMS256.txt has no checksum for ${archive}`);
  }
  await save(`${release}/${archive}`, path, log);
  const sum = await sumOf(path, "sha256", "hex");
  if (sum !== expected) {
    throw new Unusable(
      `${release}/${archive} has the SHA-256 sum ${sum}, but its release says ${expected}`,
    );
  }
  await unpack(path, `${name}/bin/node`, draft);
  await rm(sums);
}

/**
 * @param {string} url
 * @param {string} path
 * @param {Context["log"]} [log] Where it is large.
 */
async function save(url, path, log) {
  const { host } = new URL(url);
  const stop = new AbortController();
  const abortAfter = (/** @type {number} */ ms, /** @type {string} */ why) =>
    setTimeout(() => {
      stop.abort(new Error(`${why} ${ms / 1_000} s`));
    }, ms);
  const silent = abortAfter(answerTimeoutMs, "no answer within");
  const response = await fetch(url, { signal: stop.signal })
    .catch((error) => {
      throw new Unusable(`${host} cannot be reached: ${reasonOf(error)}`);
    })
    .finally(() => {
      clearTimeout(silent);
    });
  if (!response.ok || response.body === null)
    throw new Unusable(`${url} answered ${response.status}`);
  const megabytes = Math.round(Number(response.headers.get("content-length")) / 1e6);
  let bytes = 0;
  let stalled = abortAfter(stallTimeoutMs, "nothing came for");
  const ticker = noteRegularly(log, (seconds) => {
    const size = megabytes > 0 ? ` of ${megabytes}` : "";
    return `downloading: ${Math.round(bytes / 1e6)}${size} MB after ${seconds} s`;
  });
  const body = /** @type {import("node:stream/web").ReadableStream} */ (response.body);
  const incoming = Readable.fromWeb(body).on("data", (chunk) => {
    bytes += chunk.length;
    clearTimeout(stalled);
    stalled = abortAfter(stallTimeoutMs, "nothing came for");
  });
  try {
    await pipeline(incoming, createWriteStream(path));
  } catch (error) {
    // What goes wrong with the disk is told as such.
    if (/** @type {NodeJS.ErrnoException} */ (error).path !== undefined) throw error;
    throw new Unusable(`${url}: ${reasonOf(stop.signal.reason ?? error)}`);
  } finally {
    clearTimeout(stalled);
    clearInterval(ticker);
  }
}

/**
 * By npm itself, which knows the registry to ask.
 * @param {string} draft
 * @param {Context} context
 */
async function pack(draft, { pinned, platform, environment, log }) {
  const known = pinned.packages[platform];
  if (known === undefined) throw new Unusable(`no package with a binary for ${platform} is known`);
  const { name, integrity } = known;
  const spec = `${name}@${pinned.version}`;
  const options = ["--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000"];
  const ticker = noteRegularly(log, (seconds) => `npm pack ${spec}: ${seconds} s`);
  try {
    await run("npm", ["pack", spec, "--pack-destination", draft, ...options], environment);
  } finally {
    clearInterval(ticker);
  }
  const archive = join(draft, `${name}-${pinned.version}.tgz`);
  const sum = `sha512-${await sumOf(archive, "sha512", "base64")}`;
  if (sum !== integrity) {
    throw new Unusable(`${spec} has the checksum ${sum}, but ${integrity} is pinned`);
  }
  await unpack(archive, "package/bin/node", draft);
}

/**
 * @param {string} archive
 * @param {string} member
 * @param {string} folder Gets the member without the folders that it is in.
 */
async function unpack(archive, member, folder) {
  const depth = member.split("/").length - 1;
  const where = ["-C", folder, `--strip-components=${depth}`];
  await run("tar", ["-xzf", archive, ...where, member], process.env);
  await rm(archive);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function run(program, args, env) {
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text) => (said += text));
  }
  const code = await new Promise((resolve, reject) => {
    child.on("close", resolve).on("error", (error) => {
      reject(new Unusable(`${program} cannot be started (${reasonOf(error)})`));
    });
  });
  if (code === 0) return;
  const lines = said.trim().split("\n");
  const why = lines.filter((line) => !line.includes("A complete log of this run")).slice(0, 3);
  throw new Unusable(`${program} ended with ${code}: ${why.join("; ")}`);
}

/**
 * @param {Context["log"] | undefined} log
 * @param {(seconds: number) => string} note
 */
function noteRegularly(log, note) {
  const startedAtMs = Date.now();
  return setInterval(() => {
    log?.(note(Math.round((Date.now() - startedAtMs) / 1_000)));
  }, noteEveryMs);
}
