import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { run as runProgram } from "../process.ts";

/** How a finished command went. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Returns the result instead of throwing when the command exits with another code than 0. */
  readonly allowFailure?: boolean;
  readonly timeoutSeconds?: number;
}

/** A program that is not on the PATH. */
export class MissingProgramError extends Error {}

/**
 * The environment of everything that is started here: small, so that a proxy or a locale of the
 * caller does not reach the daemons, and with the sbin directories, which a plain login may lack.
 */
export const hostEnvironment = {
  PATH: [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
  ]
    .filter((directory, index, all) => directory !== "" && all.indexOf(directory) === index)
    .join(delimiter),
  HOME: homedir(),
  LC_ALL: "C.UTF-8",
};

/** Runs a program of the machine to its end and collects what it printed. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const path = program.startsWith("/") ? program : findProgram(program);
  if (path === undefined) throw new MissingProgramError(`${program} is not on the PATH`);
  const { timeoutSeconds = 60 } = options;
  const started = Date.now();
  const { code, stdout, stderr } = await runProgram(path, args, {
    env: { ...hostEnvironment, ...options.environment },
    timeoutSeconds,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  if (code !== 0 && options.allowFailure !== true) {
    const said = (stderr.trim() || stdout.trim()).slice(-2000);
    const isLate = Date.now() - started >= timeoutSeconds * 1000;
    const how = isLate ? `did not end within ${timeoutSeconds} s` : `exit code ${code}`;
    throw new Error(`${[program, ...args].join(" ")}: ${how}${said ? `: ${said}` : ""}`);
  }
  return { exitCode: code, stdout, stderr };
}

/** Where a program is, if it is on the PATH. */
export function findProgram(name: string): string | undefined {
  return hostEnvironment.PATH.split(delimiter)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
