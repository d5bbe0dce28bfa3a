import { flagValues, type FlagSpecs, type FlagValues } from "./flags.ts";
import type { Row } from "./table.ts";

export type Log = (line: string) => void;

/** What a run works with. */
export interface RunContext<Specs extends FlagSpecs> {
  readonly flags: FlagValues<Specs>;
  readonly log: Log;
  /** Aborted by Ctrl-C: a run then ends early, cleans up, and prints nothing. */
  readonly signal: AbortSignal;
}

/** What was measured, and what it was measured on. */
export interface Report {
  /** Rates, sizes and replicas: a number means nothing without them. */
  readonly shape: readonly string[];
  readonly rows: readonly Row[];
}

/** One measurement that can be asked for by its name. */
export interface Run<Specs extends FlagSpecs = FlagSpecs> {
  readonly name: string;
  readonly what: string;
  /** With the default flags, on two cores. */
  readonly takes: string;
  readonly needs: "loopback" | "cluster";
  readonly flags: Specs;
  readonly run: (context: RunContext<Specs>) => Promise<Report>;
}

/** A run that reads its own flags: as a list of runs holds it. */
export interface AnyRun extends Omit<Run, "run"> {
  readonly start: (
    given: Readonly<Record<string, unknown>>,
    log: Log,
    signal: AbortSignal,
  ) => Promise<Report>;
}

/** A run whose flags' types are those of its specs. */
export function defineRun<const Specs extends FlagSpecs>(run: Run<Specs>): AnyRun {
  const { run: body, ...rest } = run;
  return {
    ...rest,
    start: (given, log, signal) => body({ flags: flagValues(run.flags, given), log, signal }),
  };
}
