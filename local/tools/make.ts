import { access, constants, mkdir, rm, statfs } from "node:fs/promises";
import { buildProgram, parallelBuilds } from "./build.ts";
import type { CacheLayout } from "./cache.ts";
import { DownloadError } from "./download.ts";
import { compareVersions, findGo, requiredGo } from "./go-toolchain.ts";
import { interruptible } from "./interrupt.ts";
import { checkKept, draftDirectory, keep, removeDrafts, type Origin } from "./kept.ts";
import { Progress } from "./progress.ts";
import { explain, useKept, type Search, type ToolContext } from "./search.ts";

/** Downloads or builds what is missing; runs under the lock. */
export async function make(missing: readonly Search[], context: ToolContext): Promise<void> {
  // Another process may have made them while this one waited.
  for (const search of missing) {
    if ((await checkKept(search.directory, search.program)).state === "good") useKept(search);
  }
  const open = missing.filter(({ paths }) => paths === undefined);
  if (open.length === 0) return;
  await makeCache(context.layout);
  const progress = new Progress(
    open.map(({ program }) => program),
    context.log,
    parallelBuilds(),
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

async function makeCache({ root, tools }: CacheLayout): Promise<void> {
  try {
    await mkdir(tools, { recursive: true });
    await access(tools, constants.W_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(
      `tools cannot be kept in ${root} (${reason}). ` +
        "Fix: set SIGHTLINE_CACHE to a directory that can be written",
    );
  }
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
  await interruptible(async (signal) => {
    const worker = async (): Promise<void> => {
      while (failures.length === 0) {
        const search = queue.shift();
        if (search === undefined) return;
        try {
          await build(search, go, signal, progress, context);
        } catch (error) {
          failures.push(signal.aborted ? (signal.reason as Error) : explain(search, error));
        }
      }
    };
    await Promise.all(Array.from({ length: parallelBuilds() }, worker));
  });
  if (failures.length > 0) {
    throw new Error([...new Set(failures.map(({ message }) => message))].join("\n"));
  }
  log("tools: dropping the build caches, which are not needed any more");
  await rm(layout.build, { recursive: true, force: true });
}

async function build(
  search: Search,
  go: string,
  signal: AbortSignal,
  progress: Progress,
  context: ToolContext,
): Promise<void> {
  const { program, moduleDirectory } = search;
  progress.building(program);
  await makeAndKeep(search, "built", progress, context, (draft) =>
    buildProgram(program, draft, { ...context, go, moduleDirectory, signal }),
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
