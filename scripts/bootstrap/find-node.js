import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { askNode } from "./ask-node.js";
import { isAtLeast, reasonOf } from "./context.js";
import { getNode } from "./get-node.js";
import { checkKept, keptNode } from "./kept-node.js";

/** @typedef {import("./context.js").Context} Context */

/** No Node that fits could be had; the message says what was tried and what to do. */
export class NoNodeError extends Error {}

/**
 * The folder to put first on the PATH, so that `node` is one that fits; nothing where it is one already. `running` is the
 * Node of this process.
 * @param {Context} context
 * @param {{ version: string, path: string }} running
 * @returns {Promise<string | undefined>}
 */
export async function nodeDirectory(context, running) {
  const { required, pinned, environment, log } = context;
  if (isAtLeast(running.version, required)) {
    return isFirst(running.path, environment) ? undefined : linkTo(running.path, context);
  }
  const found = findInstalled(context);
  if (found.path !== undefined) {
    log(`Node ${running.version} is too old, using ${found.path} (${found.version})`);
    return linkTo(found.path, context);
  }
  const tried = found.tried;
  const kept = keptNode(context);
  const state = await checkKept(kept);
  if (state === "good") {
    log(`Node ${running.version} is too old, using the kept ${pinned.version}`);
    return dirname(kept);
  }
  tried.push(`kept copy: ${state}`);
  log(
    `Node ${running.version} is too old, ${required} or newer is needed: getting ${pinned.version}`,
  );
  if (await getNode(context, tried)) return dirname(kept);
  throw new NoNodeError(
    [
      `Node ${running.version} is too old, and no newer one could be had:`,
      ...tried.map((way) => `  ${way}`),
      `Fix: install Node ${required} or newer from https://nodejs.org/en/download, put it first on the PATH and run the same command again.`,
    ].join("\n"),
  );
}

/**
 * Whether the PATH gives this very program for `node`.
 * @param {string} path
 * @param {NodeJS.ProcessEnv} environment
 */
function isFirst(path, environment) {
  const [first] = onPath(environment, ["node"]);
  return first !== undefined && realpathSync(first) === realpathSync(path);
}

/**
 * The first that fits of those on the PATH, then of those that version managers hold.
 * @param {Context} context
 * @returns {{ path?: string, version?: string, tried: string[] }}
 */
function findInstalled({ environment, required }) {
  const ways = {
    PATH: onPath(environment, ["node", "nodejs"]),
    "version managers": managed(environment),
  };
  const tried = [];
  for (const [way, paths] of Object.entries(ways)) {
    const seen = [];
    for (const path of paths) {
      const { version, real, problem } = askNode(path);
      if (real !== undefined && version !== undefined && isAtLeast(version, required)) {
        return { path: real, version, tried: [] };
      }
      seen.push(`${path} ${version === undefined ? problem : `is ${version}`}`);
    }
    tried.push(`${way}: ${seen.length === 0 ? "none" : seen.join(", ")}`);
  }
  return { tried };
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} names
 */
function onPath(environment, names) {
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return once(folders.flatMap((folder) => names.map((name) => join(folder, name))));
}

/**
 * What nvm, volta, fnm, asdf, mise and n have installed, the newest of each first.
 * @param {NodeJS.ProcessEnv} environment
 */
function managed(environment) {
  const home = environment.HOME ?? homedir();
  const shared = environment.XDG_DATA_HOME ?? join(home, ".local/share");
  const places = [
    [join(environment.NVM_DIR ?? join(home, ".nvm"), "versions/node"), "bin/node"],
    [join(environment.VOLTA_HOME ?? join(home, ".volta"), "tools/image/node"), "bin/node"],
    [join(environment.FNM_DIR ?? join(shared, "fnm"), "node-versions"), "installation/bin/node"],
    [join(environment.ASDF_DATA_DIR ?? join(home, ".asdf"), "installs/nodejs"), "bin/node"],
    [join(environment.MISE_DATA_DIR ?? join(shared, "mise"), "installs/node"), "bin/node"],
    [join(environment.N_PREFIX ?? "/usr/local", "n/versions/node"), "bin/node"],
  ];
  return once(
    places.flatMap(([folder = "", binary = ""]) => {
      if (!existsSync(folder)) return [];
      const versions = readdirSync(folder).sort((a, b) => (isAtLeast(bare(a), bare(b)) ? -1 : 1));
      return versions.map((version) => join(folder, version, binary));
    }),
  );
}

/** @param {string} version */
function bare(version) {
  return version.replace(/^v/, "");
}

/**
 * Those that are there, each program once, whatever links lead to it.
 * @param {readonly string[]} paths
 */
function once(paths) {
  const seen = new Set();
  return paths.filter((path) => {
    if (!existsSync(path)) return false;
    const real = realpathSync(path);
    return seen.has(real) ? false : seen.add(real);
  });
}

/**
 * A folder with nothing but `node` in it: the program's own would bring its neighbours before others of their name.
 * @param {string} path
 * @param {Context} context
 */
function linkTo(path, { cache }) {
  const name = createHash("sha256").update(path).digest("hex").slice(0, 12);
  const folder = join(cache, "node", "links", name);
  const link = join(folder, "node");
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(link)) {
      // A link that leads nowhere any more is there too, for all but existsSync.
      rmSync(link, { force: true });
      symlinkSync(path, link);
    }
  } catch (error) {
    // Another command may have made it meanwhile.
    if (!existsSync(link)) {
      throw new NoNodeError(
        `nothing can be kept in ${cache} (${reasonOf(error)}). Fix: set SIGHTLINE_CACHE to a directory that can be written`,
      );
    }
  }
  return folder;
}
