import type { AnyRun } from "./run.ts";
import { balance } from "./runs/balance.ts";
import { cost } from "./runs/cost.ts";
import { isolation } from "./runs/isolation.ts";
import { noLoss } from "./runs/no-loss.ts";
import { replay } from "./runs/replay.ts";
import { sampling } from "./runs/sampling.ts";
import { throughput } from "./runs/throughput.ts";

/** Every measurement: first those that need nothing but this machine's loopback. */
export const runs: readonly AnyRun[] = [
  cost,
  sampling,
  isolation,
  replay,
  noLoss,
  throughput,
  balance,
];

/** What can be asked for. */
export function listRuns(all: readonly AnyRun[] = runs): string {
  const lines = all.map(
    ({ name, what, takes, needs }) =>
      `  ${name.padEnd(12)} ${what} (${takes}${needs === "cluster" ? ", on the embedded cluster" : ""})`,
  );
  return ["npm run bench -- <name> [flags]", ...lines, "  <name> --help lists its flags"].join(
    "\n",
  );
}
