import { parseArgs, type ParseArgsConfig } from "node:util";
import { didYouMean } from "../config/did-you-mean.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What one command is called with. */
export interface Command<O extends Options> {
  /** Printed by `--help`, and after a mistake. */
  readonly usage: string;
  readonly options: O;
  /** What each argument is called in messages: `<stack>`. All of them are needed. */
  readonly arguments: readonly string[];
  /** Words of which any number may follow, or none; without it, nothing may. */
  readonly choices?: readonly string[];
}

type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>;

/** A command that was called in a way it does not know: its usage follows, and the exit code is 2. */
export class UsageError extends Error {}

/**
 * Runs a command with what stands behind its name. Errors of the kinds in `told` end it with their message alone; any
 * other one is a mistake of ours and shows where it happened.
 */
export async function runCommand<O extends Options>(
  command: Command<O>,
  args: readonly string[],
  told: readonly (abstract new (...args: never[]) => Error)[],
  body: (parsed: Parsed<O>) => Promise<void> | void,
): Promise<void> {
  try {
    if (args.some((arg) => arg === "--help" || arg === "-h")) {
      console.log(command.usage);
      return;
    }
    await body(parse(command, args));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${command.usage}`);
      process.exitCode = 2;
      return;
    }
    const isTold = error instanceof Error && told.some((kind) => error instanceof kind);
    console.error(isTold ? error.message : error);
    process.exitCode = 1;
  }
}

/** Throws a `UsageError` for the first word that does not fit. */
export function parse<O extends Options>(
  { options, arguments: needed, choices }: Command<O>,
  args: readonly string[],
): Parsed<O> {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const known = Object.keys(options).map((name) => `--${name}`);
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { rawName, value, inlineValue } = token;
    const option = options[token.name];
    if (option === undefined) throw unknown("option", rawName, known);
    if (option.type === "boolean" && value !== undefined) {
      throw new UsageError(`${rawName} takes no value. Fix: write ${rawName} alone`);
    }
    // What looks like the next option is no value, unless it is written as one.
    const isNext = value?.startsWith("-") === true && inlineValue !== true;
    if (option.type === "string" && (value === undefined || value === "" || isNext)) {
      throw new UsageError(`${rawName} needs a value. Fix: write ${rawName} <value>`);
    }
  }
  checkArguments(words, needed, choices);
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

function checkArguments(
  words: readonly string[],
  needed: readonly string[],
  choices: readonly string[] | undefined,
): void {
  const empty = words.indexOf("");
  const missing = empty >= 0 && empty < needed.length ? needed[empty] : needed[words.length];
  if (missing !== undefined) {
    throw new UsageError(`${missing} is missing. Fix: name ${needed.join(" and ")}`);
  }
  for (const word of words.slice(needed.length)) {
    if (choices === undefined) {
      throw new UsageError(`${JSON.stringify(word)} is not expected here. Fix: leave it out`);
    }
    if (!choices.includes(word)) throw unknown("name", word, choices);
  }
}

/** Also for a value of an option that is none of those there are. */
export function unknown(what: string, word: string, known: readonly string[]): UsageError {
  const near = didYouMean(word, known);
  const listed = known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
  return new UsageError(
    near === undefined
      ? `the ${what} ${word} is unknown. Fix: leave it out; ${listed}`
      : `the ${what} ${word} is unknown: did you mean ${near}? Fix: write ${near}`,
  );
}
