import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { inject } from "vitest";
import { parseConfig } from "../../config/parse.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { platformOverlay } from "../../local/machine.ts";
import { writeStackFile } from "../../local/pulumi.ts";
import { localStack, type LocalStack } from "../../local/stack.ts";

export const projectDir = join(import.meta.dirname, "..", "..");

export interface TestStack {
  readonly stack: LocalStack;
  readonly settings: Settings;
}

/** The checkout's stack with what this machine needs, the named overlay file and further changes on top. */
export function testStack(
  name: string,
  base: string,
  change: { overlayFile?: string; platform?: unknown } = {},
): TestStack {
  const machine = inject("machine");
  const stack = localStack(machine.engine, name, projectDir);
  const layers = [platformOverlay(machine)];
  if (change.overlayFile !== undefined) {
    const path = join(import.meta.dirname, change.overlayFile);
    layers.push(load(readFileSync(path, "utf8")) as Record<string, unknown>);
  }
  if (change.platform !== undefined) layers.push(change.platform as Record<string, unknown>);
  const platform = layers.reduce<unknown>(
    (merged, layer) => mergeOverlay(merged, layer),
    readStackConfig(join(projectDir, `Pulumi.${base}.yaml`)),
  );
  writeStackFile(stack.configFile, platform);
  return { stack, settings: parseConfig(`Pulumi.${name}.yaml`, platform) };
}
