import { mkdir, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildProgram, parallelBuilds } from "./build.ts";
import { withBuildLock } from "./build-lock.ts";
import { cacheDirectory, cacheLayout, type CacheLayout } from "./cache.ts";
import { catalogue, type ToolName } from "./catalogue.ts";
import { DownloadError, Downloader } from "./download.ts";
import { compareVersions, findGo, requiredGo } from "./go-toolchain.ts";
import {
  checkKept,
  draftDirectory,
  keep,
  keptDirectory,
  removeDrafts,
  type Origin,
} from "./kept.ts";
import { lookOnPath } from "./path-lookup.ts";
import type { Architecture, Program } from "./program.ts";
import { Progress } from "./progress.ts";

export interface EnsureOptions {
  readonly log: (line: string) => void;
}

/** Where programs are looked for, made and kept; the tests put their own in its place. */
export interface ToolContext extends EnsureOptions {
  readonly layout: CacheLayout;
  /** Holds one Go module a program. */
  readonly modulesDirectory: string;
  readonly architecture: Architecture;
  readonly environment: NodeJS.ProcessEnv;
  readonly downloader: Downloader;
}

/**
 * Gives the absolute path of every named tool. Each comes from the PATH if its version is the pinned
 * one, else from the kept copy, else from its official download, else it is built from its module.
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  options: EnsureOptions,
): Promise<Readonly<Record<Name, string>>> {
  const environment = process.env;
  return ensurePrograms(catalogue, names, {
    ...options,
    environment,
    layout: cacheLayout(cacheDirectory(environment)),
    modulesDirectory: fileURLToPath(new URL("../../tools", import.meta.url)),
    architecture: thisArchitecture(),
    downloader: new Downloader({ mirror: environment["SIGHTLINE_DOWNLOAD_MIRROR"] }),
  });
}

function thisArchitecture(): Architecture {
  if (process.platform === "linux" && process.arch === "x64") return "amd64";
  if (process.platform === "linux" && process.arch === "arm64") return "arm64";
  throw new Error(
    `tools cannot be made on ${process.platform} ${process.arch}. ` +
      "Fix: use Linux on x64 or arm64, or an existing cluster",
  );
}

/** A program that is asked for and the state of the search for it. */
interface Search {
  readonly program: Program;
  readonly wanted: readonly string[];
  readonly moduleDirectory: string;
  readonly directory: string;
  /** What was tried in vain, for the message of a failure. */
  readonly tried: string[];
  paths: Readonly<Record<string, string>> | undefined;
}

/** `ensureTools` over any list of programs. */
export async function ensurePrograms<Name extends string>(
  programs: readonly Program[],
  names: readonly Name[],
  context: ToolContext,
): Promise<Readonly<Record<Name, string>>> {
  const searches = await Promise.all(
    programs.flatMap((program) => {
      const wanted = program.binaries.map(({ name }) => name).filter((name) => isIn(names, name));
      return wanted.length > 0 ? [startSearch(program, wanted, context)] : [];
    }),
  );
  await Promise.all(searches.map((search) => findExisting(search, context)));
  const missing = searches.filter(({ paths }) => paths === undefined);
  if (missing.length > 0) {
    await withBuildLock(context.layout.root, context.log, () => make(missing, context));
  }
  return Object.fromEntries(
    searches.flatMap(({ paths, wanted }) => wanted.map((name) => [name, paths?.[name]])),
  ) as Record<Name, string>;
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

async function startSearch(
  program: Program,
  wanted: readonly string[],
  { layout, modulesDirectory, architecture }: ToolContext,
): Promise<Search> {
  const moduleDirectory = join(modulesDirectory, program.name);
  const directory = await keptDirectory(layout, program, moduleDirectory, architecture);
  return { program, wanted, moduleDirectory, directory, tried: [], paths: undefined };
}

/** Looks on the PATH and at the kept copy. */
async function findExisting(search: Search, context: ToolContext): Promise<void> {
  const { program, wanted, tried } = search;
  const binaries = program.binaries.filter(({ name }) => wanted.includes(name));
  const onPath = await lookOnPath(binaries, program.version, context.environment["PATH"] ?? "");
  if ("paths" in onPath) search.paths = onPath.paths;
  else tried.push(`PATH: ${onPath.reason}`);
  if (search.paths === undefined) await findKept(search, context);
}

async function findKept(search: Search, { log }: ToolContext): Promise<void> {
  const { program, directory, tried } = search;
  const kept = await checkKept(directory, program);
  if (kept.state === "good") {
    useKept(search);
  } else if (kept.state === "missing") {
    tried.push(`kept copy: none in ${dirname(directory)}`);
  } else {
    tried.push(`kept copy: ${kept.reason}`);
    log(
      `${program.name} ${program.version}: the kept copy is damaged (${kept.reason}), making it again`,
    );
  }
}

function useKept(search: Search): void {
  const { program, directory } = search;
  search.paths = Object.fromEntries(
    program.binaries.map(({ name }) => [name, join(directory, name)]),
  );
}

/** Downloads or builds what is missing; runs under the lock. */
async function make(missing: readonly Search[], context: ToolContext): Promise<void> {
  // Another process may have made them while this one waited.
  for (const search of missing) {
    if ((await checkKept(search.directory, search.program)).state === "good") useKept(search);
  }
  const open = missing.filter(({ paths }) => paths === undefined);
  if (open.length === 0) return;
  await mkdir(context.layout.tools, { recursive: true });
  const progress = new Progress(
    open.map(({ program }) => program),
    context.log,
  );
  await removeDrafts(context.layout);
  const reasons = new Set<string>();
  for (const search of open) {
    const reason = await download(search, progress, context);
    if (reason !== undefined && !reasons.has(reason)) {
      reasons.add(reason);
      progress.note(search.program, `${reason}; building instead`);
    }
  }
  const toBuild = open.filter(({ paths }) => paths === undefined);
  if (toBuild.length > 0) await buildAll(toBuild, progress, context);
  progress.total();
}

/** Gives the reason when a published download cannot be used. */
async function download(
  search: Search,
  progress: Progress,
  context: ToolContext,
): Promise<string | undefined> {
  const { program, tried } = search;
  if (program.release === undefined) {
    tried.push("download: none is published");
    return undefined;
  }
  const files = program.release(context.architecture);
  try {
    await makeAndKeep(search, "downloaded", progress, context, (draft) =>
      context.downloader.fetchRelease(files, draft),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    tried.push(`download: ${error.message}`);
    return error.message;
  }
}

/** Makes a program in a draft directory, which becomes the kept copy only when all of it is there. */
async function makeAndKeep(
  search: Search,
  origin: Origin,
  progress: Progress,
  { layout }: ToolContext,
  fill: (draft: string) => Promise<void>,
): Promise<void> {
  const startedMs = Date.now();
  const draft = await draftDirectory(layout);
  try {
    await fill(draft);
    await keep(draft, search.directory, search.program, origin);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  useKept(search);
  progress.done(search.program, origin, (Date.now() - startedMs) / 1_000);
}

/** Builds several programs, two at a time where the memory allows, and then drops the caches. */
async function buildAll(
  searches: readonly Search[],
  progress: Progress,
  context: ToolContext,
): Promise<void> {
  const { layout, log } = context;
  const go = await prepare(searches, context);
  const queue = [...searches];
  const failures: Error[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const search = queue.shift();
      if (search === undefined) return;
      try {
        await build(search, go, progress, context);
      } catch (error) {
        failures.push(explain(search, error));
      }
    }
  };
  await Promise.all(Array.from({ length: parallelBuilds() }, worker));
  const [failure, ...others] = failures;
  if (failure !== undefined && others.length === 0) throw failure;
  if (failure !== undefined) throw new Error(failures.map(({ message }) => message).join("\n"));
  log("tools: dropping the build caches, which are not needed any more");
  await rm(layout.build, { recursive: true, force: true });
}

async function build(
  search: Search,
  go: string,
  progress: Progress,
  context: ToolContext,
): Promise<void> {
  const { program, moduleDirectory } = search;
  progress.building(program);
  await makeAndKeep(search, "built", progress, context, (draft) =>
    buildProgram(program, draft, { ...context, go, moduleDirectory }),
  );
}

/** Finds Go and checks the disk before minutes are spent. */
async function prepare(searches: readonly Search[], context: ToolContext): Promise<string> {
  const required = await Promise.all(
    searches.map(({ moduleDirectory }) => requiredGo(moduleDirectory)),
  );
  const newest = required.reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
  try {
    await checkDisk(searches, context.layout);
    return await findGo(newest, context.environment);
  } catch (error) {
    const [first] = searches;
    throw first === undefined ? error : explain(first, error);
  }
}

async function checkDisk(searches: readonly Search[], layout: CacheLayout): Promise<void> {
  const megabytes = searches.reduce((sum, { program }) => sum + program.buildMegabytes, 0);
  const { bavail, bsize } = await statfs(layout.root);
  const free = (bavail * bsize) / 1e6;
  if (free >= megabytes) return;
  const gigabytes = (value: number): string => (value / 1e3).toFixed(1);
  throw new Error(
    `building needs ${gigabytes(megabytes)} GB in ${layout.root} for a while, and ` +
      `${gigabytes(free)} GB are free. Fix: free some disk, or set SIGHTLINE_CACHE to a larger one`,
  );
}

/** The whole story of a program that could not be had: each way that was tried, and the last one's reason. */
function explain({ program, tried }: Search, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const ways = [...tried, `build: ${reason}`].map((way) => `  ${way}`);
  return new Error([`${program.name} ${program.version} cannot be had:`, ...ways].join("\n"));
}
