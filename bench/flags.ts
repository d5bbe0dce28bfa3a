import { UsageError } from "../cli/command.ts";

/** One flag: what kind of value it takes, what it is for, and what it is when it is not given. */
export type FlagSpec =
  | { readonly kind: "number"; readonly default: number; readonly help: string }
  | { readonly kind: "duration"; readonly default: string; readonly help: string }
  | { readonly kind: "numbers"; readonly default: readonly number[]; readonly help: string }
  | { readonly kind: "switch"; readonly help: string };

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

/** Durations come as milliseconds. */
export type FlagValues<Specs extends FlagSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name]["kind"] extends "switch"
    ? boolean
    : Specs[Name]["kind"] extends "numbers"
      ? readonly number[]
      : number;
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `10m`, `1h`, `500ms` in milliseconds. */
export function parseDuration(text: string, flag = "duration"): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = unitMs[unit];
  if (amount === undefined || factor === undefined) {
    throw new UsageError(
      `--${flag} is ${text}. Fix: write a number and a unit, such as 90s or 10m`,
    );
  }
  return Number(amount) * factor;
}

function parseNumber(text: string, flag: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new UsageError(`--${flag} is ${text}. Fix: write a number from 0 on, such as 10000`);
  }
  return value;
}

function parse(spec: FlagSpec, given: unknown, flag: string): unknown {
  if (spec.kind === "switch") return given === true;
  const text = typeof given === "string" ? given : undefined;
  switch (spec.kind) {
    case "number":
      return text === undefined ? spec.default : parseNumber(text, flag);
    case "duration":
      return parseDuration(text ?? spec.default, flag);
    case "numbers":
      return text?.split(",").map((part) => parseNumber(part, flag)) ?? spec.default;
  }
}

/** The flags as the command line's parser takes them. */
export function flagOptions(specs: FlagSpecs): Record<string, { type: "string" | "boolean" }> {
  const entries = Object.entries(specs).map(
    ([name, { kind }]): [string, { type: "string" | "boolean" }] => [
      name,
      { type: kind === "switch" ? "boolean" : "string" },
    ],
  );
  return Object.fromEntries(entries);
}

/** What was given, as the specs say, and their defaults for all else. */
export function flagValues<Specs extends FlagSpecs>(
  specs: Specs,
  given: Readonly<Record<string, unknown>>,
): FlagValues<Specs> {
  const values = Object.entries(specs).map(([name, spec]) => [
    name,
    parse(spec, given[name], name),
  ]);
  return Object.fromEntries(values) as FlagValues<Specs>;
}

/** One line for each flag. */
export function describeFlags(specs: FlagSpecs): string {
  const lines = Object.entries(specs).map(([name, spec]) => {
    const standing = spec.kind === "switch" ? "" : ` (${String(spec.default)})`;
    return `  --${name.padEnd(20)} ${spec.help}${standing}`;
  });
  return lines.length === 0 ? "  (none)" : lines.join("\n");
}
