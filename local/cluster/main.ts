import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clusterDown } from "./down.ts";
import { layoutOf, stateDirectory } from "./layout.ts";
import { readRecord } from "./record.ts";
import { clusterStatus } from "./status.ts";
import { clusterUp } from "./up.ts";

const usage = `usage: main.ts up [--tools <file>] | down | status

The file names a built program and its path on each line. Without it, the programs of the last "up" are used.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { tools: { type: "string" } },
    allowPositionals: true,
  });
  const log = (line: string): void => {
    console.log(line);
  };
  switch (positionals[0] ?? "") {
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
      return;
    default:
      throw new Error(usage);
  }
}

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

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
