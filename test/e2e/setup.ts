import type { TestProject } from "vitest/node";
import { prepareMachine, type Machine } from "../../local/machine.ts";

/** State of the cluster that the tests make and take down: never the one that `npm run local` left running. */
const testStateDir = process.env["SIGHTLINE_E2E_STATE"] ?? "/var/lib/sightline-e2e";

declare module "vitest" {
  interface ProvidedContext {
    machine: Machine;
  }
}

export async function setup(project: TestProject): Promise<void> {
  process.env["SIGHTLINE_STATE"] = testStateDir;
  const machine = await prepareMachine({
    fixtures: true,
    log: (line) => {
      console.log(`  ${line}`);
    },
  });
  project.provide("machine", machine);
}
