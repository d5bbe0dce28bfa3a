import { join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import type { Settings } from "../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { readOverlay } from "../scripts/overlay.ts";

export const projectDir = join(import.meta.dirname, "..");

/** What the end-to-end tests shrink the production stack by, so that two cores hold it. */
export function shrinkingOverlay(): Record<string, unknown> {
  return readOverlay(join(projectDir, "test", "e2e", "prod-overlay.yaml"));
}

/** The production stack as it is measured: its own file, shrunk, and with a run's changes on top. */
export function prodPlatform(...changes: readonly unknown[]): unknown {
  return [shrinkingOverlay(), ...changes].reduce(
    (merged: unknown, layer) => mergeOverlay(merged, layer),
    readStackConfig(join(projectDir, "Pulumi.prod.yaml")),
  );
}

export function prodSettings(...changes: readonly unknown[]): Settings {
  return parseConfig("Pulumi.prod.yaml", prodPlatform(...changes));
}
