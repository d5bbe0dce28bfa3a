import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where built and downloaded programs are kept, and what is needed to make them. */
export interface CacheLayout {
  readonly root: string;
  readonly tools: string;
  /** Go's build and module caches: tens of gigabytes, dropped once everything asked for is kept. */
  readonly build: string;
  readonly logs: string;
}

/** The cache directory that the environment asks for. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return resolve(environment["SIGHTLINE_CACHE"] || join(base, "sightline"));
}

/** The layout below a cache directory. */
export function cacheLayout(root: string = cacheDirectory()): CacheLayout {
  return {
    root,
    tools: join(root, "tools"),
    build: join(root, "build"),
    logs: join(root, "logs"),
  };
}
