import type { TestProject } from "vitest/node";
import { clusterStatus } from "../../local/cluster/status.ts";
import { localDown } from "../../local/down.ts";
import { prepareMachine, type Machine } from "../../local/machine.ts";

declare module "vitest" {
  interface ProvidedContext {
    machine: Machine;
  }
}

const log = (line: string) => {
  console.log(`  ${line}`);
};

let wasThere = false;

/** One machine holds one cluster: a running one is used and left as it was, with stacks and namespaces of the tests' own. */
export async function setup(project: TestProject): Promise<void> {
  wasThere = (await clusterStatus()).state !== "absent";
  project.provide("machine", await prepareMachine({ fixtures: true, log }));
}

export async function teardown(): Promise<void> {
  if (!wasThere) await localDown({ log, withTools: false });
}
