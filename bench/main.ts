import { listRuns, runs } from "./catalogue.ts";
import { describeFlags, parseFlags, UsageError } from "./flags.ts";
import { machineSize } from "./machine-size.ts";
import type { AnyRun } from "./run.ts";
import { renderTable } from "./table.ts";

/** A missed target is a result. Only a run that broke, or a wrong command, ends with another code than 0. */
async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  const asksForHelp = (text: string | undefined) => text === "--help" || text === "-h";
  if (name === undefined || asksForHelp(name)) {
    console.log(listRuns());
    return;
  }
  const run = runs.find((one) => one.name === name);
  if (run === undefined)
    throw new UsageError(`There is no ${name}. Fix: choose one of\n${listRuns()}`);
  if (rest.some(asksForHelp)) {
    console.log(`${run.name}: ${run.what} (${run.takes})\n${describeFlags(run.flags)}`);
    return;
  }
  await measure(run, rest);
}

async function measure(run: AnyRun, args: readonly string[]): Promise<void> {
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
  const { shape, rows } = await run.start(
    (specs) => parseFlags(specs, args),
    log,
    interrupted.signal,
  );
  interrupted.signal.throwIfAborted();
  console.log(`\n${run.name}, ${new Date().toISOString().slice(0, 10)}, ${machineSize()}`);
  for (const line of shape) console.log(`  ${line}`);
  console.log(`\n${renderTable(rows)}`);
  const missed = rows.filter(({ met }) => met === false).length;
  const took = Math.round((Date.now() - startedAt) / 1_000);
  console.log(`\n${missed === 0 ? "every target met" : `${missed} missed`}, after ${took} s`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isPlain = error instanceof UsageError;
  console.error(
    isPlain || !(error instanceof Error) ? String(error) : (error.stack ?? error.message),
  );
  process.exitCode = 1;
}
