import { dirname, join } from "node:path";
import type { CacheLayout } from "./cache.ts";
import type { Downloader } from "./download.ts";
import { checkKept, keptDirectory } from "./kept.ts";
import { lookOnPath } from "./path-lookup.ts";
import type { Architecture, Program } from "./program.ts";

/** Where programs are looked for, made and kept; the tests put their own in its place. */
export interface ToolContext {
  readonly log: (line: string) => void;
  readonly layout: CacheLayout;
  /** Holds one Go module a program. */
  readonly modulesDirectory: string;
  readonly architecture: Architecture;
  readonly environment: NodeJS.ProcessEnv;
  readonly downloader: Downloader;
}

/** A program that is asked for and the state of the search for it. */
export interface Search {
  readonly program: Program;
  readonly wanted: readonly string[];
  readonly moduleDirectory: string;
  readonly directory: string;
  /** What was tried in vain, for the message of a failure. */
  readonly tried: string[];
  paths: Readonly<Record<string, string>> | undefined;
}

/** Begins the search for some binaries of a program. */
export async function startSearch(
  program: Program,
  wanted: readonly string[],
  { layout, modulesDirectory, architecture }: ToolContext,
): Promise<Search> {
  const moduleDirectory = join(modulesDirectory, program.name);
  const directory = await keptDirectory(layout, program, moduleDirectory, architecture);
  return { program, wanted, moduleDirectory, directory, tried: [], paths: undefined };
}

/** Looks on the PATH and at the kept copy. */
export async function findExisting(search: Search, context: ToolContext): Promise<void> {
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

/** Ends a search with the kept copy, which is known to be good. */
export function useKept(search: Search): void {
  const { program, directory } = search;
  search.paths = Object.fromEntries(
    program.binaries.map(({ name }) => [name, join(directory, name)]),
  );
}

/** The whole story of a program that could not be had: each way that was tried, and the last one's reason. */
export function explain({ program, tried }: Search, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const ways = [...tried, `build: ${reason}`].map((way) => `  ${way}`);
  return new Error([`${program.name} ${program.version} cannot be had:`, ...ways].join("\n"));
}
