import { join } from "node:path";
import { inject } from "vitest";
import { parseConfig } from "../../config/parse.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { platformOverlay } from "../../local/machine.ts";
import { writeStackFile } from "../../local/pulumi.ts";
import { readOverlay } from "../../scripts/overlay.ts";
import { waitForRollouts } from "../../local/rollouts.ts";
import { localStack, up, type LocalStack } from "../../local/stack.ts";

export const projectDir = join(import.meta.dirname, "..", "..");

const log = (line: string) => {
  console.log(`  ${line}`);
};

/** `up`, and waiting until the pods are those that it asked for. */
export async function upAndRolled({ stack, settings }: TestStack): Promise<void> {
  await up(stack, log);
  await waitForRollouts(inject("machine").kubectl, settings.namespace, log);
}

export interface TestStack {
  readonly stack: LocalStack;
  readonly settings: Settings;
}

/**
 * The checkout's stack as the tests deploy it: with what this machine needs, `<base>-overlay.yaml`, and a change on top.
 * Writes the stack's file, so that the next `up` takes it.
 */
export function testStack(base: "dev" | "prod", change: unknown = {}): TestStack {
  const machine = inject("machine");
  const name = `e2e-${base}`;
  const stack = localStack(machine.engine, name, projectDir);
  const overlay = readOverlay(join(import.meta.dirname, `${base}-overlay.yaml`));
  const platform = [platformOverlay(machine), overlay, change].reduce<unknown>(
    (merged, layer) => mergeOverlay(merged, layer),
    readStackConfig(join(projectDir, `Pulumi.${base}.yaml`)),
  );
  writeStackFile(stack.configFile, platform);
  return { stack, settings: parseConfig(`Pulumi.${name}.yaml`, platform) };
}
