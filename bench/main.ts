import { runCommand, unknown } from "../cli/command.ts";
import { ConfigError } from "../config/issue.ts";
import { listRuns, runs } from "./catalogue.ts";
import { describeFlags, flagOptions } from "./flags.ts";
import { machineSize } from "./machine-size.ts";
import type { AnyRun } from "./run.ts";
import { renderTable } from "./table.ts";

function commandOf(run: AnyRun) {
  const usage = `npm run bench -- ${run.name} [flags]\n  ${run.what} (${run.takes})\n${describeFlags(run.flags)}`;
  return { usage, options: flagOptions(run.flags), arguments: [] };
}

/** A missed target is a result: only a run that broke ends with another code than 0. */
async function measure(run: AnyRun, given: Readonly<Record<string, unknown>>): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) return;
    console.log("  interrupted: cleaning up, this may take a minute …");
    interrupted.abort(new Error("interrupted"));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const startedAt = Date.now();
  const log = (line: string) => {
    const elapsed = Math.round((Date.now() - startedAt) / 1_000);
    console.log(`  ${String(elapsed).padStart(4)} s  ${line}`);
  };
  console.log(`${run.name}: ${run.what}\non ${machineSize()}`);
  const { shape, rows } = await run.start(given, log, interrupted.signal);
  interrupted.signal.throwIfAborted();
  console.log(`\n${run.name}, ${new Date().toISOString().slice(0, 10)}, ${machineSize()}`);
  for (const line of shape) console.log(`  ${line}`);
  console.log(`\n${renderTable(rows)}`);
  const missed = rows.filter(({ met }) => met === false).length;
  const took = Math.round((Date.now() - startedAt) / 1_000);
  console.log(`\n${missed === 0 ? "every target met" : `${missed} missed`}, after ${took} s`);
}

const [name, ...args] = process.argv.slice(2);
const run = runs.find((one) => one.name === name);
if (run !== undefined) {
  await runCommand(commandOf(run), args, [ConfigError], ({ values }) => measure(run, values));
} else if (name === undefined || name === "--help" || name === "-h") {
  console.log(listRuns());
} else {
  const names = runs.map((one) => one.name);
  console.error(`${unknown("measurement", name, names).message}\n\n${listRuns()}`);
  process.exitCode = 2;
}
