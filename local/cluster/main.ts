import { readFileSync } from "node:fs";
import { runCommand, UsageError } from "../../cli/command.ts";
import { clusterDown } from "./down.ts";
import { layoutOf, stateDirectory } from "./layout.ts";
import { readRecord } from "./record.ts";
import { clusterStatus } from "./status.ts";
import { clusterUp } from "./up.ts";

const actions = ["up", "down", "status"] as const;

const command = {
  usage: `main.ts up [--tools <file>] | down | status
  The file names a built program and its path on each line. Without it, the programs of the last "up" are used.`,
  options: { tools: { type: "string" } },
  arguments: [],
  choices: actions,
} as const;

const log = (line: string): void => {
  console.log(line);
};

await runCommand(command, process.argv.slice(2), [Error], async ({ values, positionals }) => {
  const [name, ...others] = positionals;
  const action = actions.find((known) => known === name);
  if (action === undefined || others.length > 0) {
    throw new UsageError(`name one of ${actions.join(", ")}`);
  }
  switch (action) {
    case "up": {
      const cluster = await clusterUp({ log, tools: knownTools(values.tools) });
      log(`export KUBECONFIG=${cluster.kubeconfigPath}`);
      return;
    }
    case "down":
      await clusterDown({ log });
      return;
    case "status":
      await printStatus();
  }
});

function knownTools(file: string | undefined): Readonly<Record<string, string>> {
  if (file === undefined) return readRecord(layoutOf(stateDirectory()))?.tools ?? {};
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/\s+/, 2) as [string, string]));
}

async function printStatus(): Promise<void> {
  const { state, parts, cluster } = await clusterStatus();
  console.log(cluster === undefined ? "no cluster" : `${state}: ${cluster.stateDir}`);
  for (const { name, pid, problem, logFile } of parts) {
    const process = pid === undefined ? "" : ` (process ${pid})`;
    const trouble =
      problem === undefined ? "ok" : `${problem}; see ${logFile ?? "the kubelet's log"}`;
    console.log(`  ${name}${process}: ${trouble}`);
  }
  if (state !== "healthy") process.exitCode = 1;
}
