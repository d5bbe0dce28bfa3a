import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clusterDown } from "./cluster/down.ts";
import type { Log } from "./cluster/cluster.ts";
import { stateDirectory } from "./cluster/layout.ts";
import { cacheDirectory } from "./tools/cache.ts";

export interface DownOptions {
  readonly log: Log;
  /** Also the built tools and what they were built with. */
  readonly withTools: boolean;
}

/** Removes the embedded cluster and the engine's state of what ran on it: the one is worth nothing without the other. */
export async function localDown({ log, withTools }: DownOptions): Promise<void> {
  const stateDir = stateDirectory();
  await clusterDown({ log });
  rmSync(join(stateDir, "pulumi"), { recursive: true, force: true });
  if (existsSync(stateDir) && readdirSync(stateDir).length === 0)
    rmSync(stateDir, { recursive: true });
  if (!withTools) return;
  const cache = cacheDirectory();
  rmSync(cache, { recursive: true, force: true });
  log(`removed ${cache}: the next \`npm run local\` makes the tools again`);
}
