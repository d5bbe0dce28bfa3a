import { backendPrograms } from "./catalogue-backends.ts";
import { clusterPrograms } from "./catalogue-cluster.ts";
import type { Program } from "./program.ts";

const pinned = [...clusterPrograms, ...backendPrograms] as const;

/** The name of a binary that `ensureTools` can be asked for. */
export type ToolName = (typeof pinned)[number]["binaries"][number]["name"];

/** Every program, in the order in which a first start needs them. */
export const catalogue: readonly Program[] = pinned;

/** Every binary, in the same order. */
export const toolNames: readonly ToolName[] = pinned.flatMap((program) =>
  program.binaries.map((binary) => binary.name),
);
