import { fileURLToPath } from "node:url";
import { withBuildLock } from "./build-lock.ts";
import { cacheDirectory, cacheLayout } from "./cache.ts";
import { catalogue, type ToolName } from "./catalogue.ts";
import { Downloader } from "./download.ts";
import { make } from "./make.ts";
import type { Architecture, Program } from "./program.ts";
import { findExisting, startSearch, type ToolContext } from "./search.ts";

export interface EnsureOptions {
  readonly log: (line: string) => void;
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
