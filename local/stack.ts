import { rmSync } from "node:fs";
import { join } from "node:path";
import { engineWarnings } from "./engine-warnings.ts";
import type { Engine } from "./pulumi.ts";
import { mustRun, run, type RunResult } from "./process.ts";
import { removeStaleLocks } from "./stale-locks.ts";

export type Log = (line: string) => void;

const changeLine = /^\s*(@|\+-?|-\+?|~)\s/;

/** One stack on a local engine: the same commands that a user would type, with the answers that scripts need. */
export interface LocalStack {
  readonly name: string;
  readonly configFile: string;
  readonly engine: Engine;
  readonly projectDir: string;
}

export function localStack(engine: Engine, name: string, projectDir: string): LocalStack {
  return { name, configFile: join(engine.configDir, `Pulumi.${name}.yaml`), engine, projectDir };
}

function pulumi(stack: LocalStack, args: readonly string[], onLine?: Log): Promise<RunResult> {
  const { binary, env } = stack.engine;
  return run(binary, [...args, "--non-interactive", "--color", "never"], {
    cwd: stack.projectDir,
    env,
    ...(onLine === undefined ? {} : { onLine }),
  });
}

const where = (stack: LocalStack) => ["--stack", stack.name, "--config-file", stack.configFile];

/**
 * Makes the stack when it is not there yet. Where the engine's own stack files lie: it writes the key of the stack's
 * secrets into one beside Pulumi.yaml, and the checkout's files are not for this machine's keys.
 */
export async function initStack(stack: LocalStack): Promise<void> {
  const { binary, env, configDir, backendDir } = stack.engine;
  removeStaleLocks(backendDir, stack.name);
  const listed = await mustRun(binary, ["stack", "ls", "--json"], { cwd: stack.projectDir, env });
  const names = (JSON.parse(listed) as { name: string }[]).map(({ name }) => name);
  if (names.includes(stack.name)) return;
  await mustRun(binary, ["stack", "init", stack.name, "--no-select", "--non-interactive"], {
    cwd: configDir,
    env,
  });
}

/** Brings the cluster to what the stack says. The error carries the engine's own diagnostics. */
export async function up(stack: LocalStack, log: Log): Promise<void> {
  await initStack(stack);
  const args = ["up", "--yes", "--skip-preview", ...where(stack)];
  const result = await pulumi(stack, args, (line) => {
    if (changeLine.test(line) && /created|updated|replaced|deleted|failed/.test(line)) {
      log(line.trim().replace(/kubernetes:[a-z0-9.]+\/v\d\w*:/, ""));
    }
  });
  if (result.code !== 0) throw new Error(failure("up", stack, result));
  tellWarnings(result, log);
}

/** What `up` would change, by operation: `{ same: 60, update: 1 }`. */
export async function preview(stack: LocalStack): Promise<Record<string, number>> {
  const result = await pulumi(stack, ["preview", "--json", ...where(stack)]);
  if (result.code !== 0) throw new Error(failure("preview", stack, result));
  const { changeSummary } = JSON.parse(result.stdout) as { changeSummary: Record<string, number> };
  return changeSummary;
}

export async function destroy(stack: LocalStack, log: Log): Promise<void> {
  removeStaleLocks(stack.engine.backendDir, stack.name);
  const args = ["destroy", "--yes", "--skip-preview", ...where(stack)];
  const result = await pulumi(stack, args, (line) => {
    if (changeLine.test(line) && /deleted|failed/.test(line)) log(line.trim());
  });
  if (result.code !== 0) throw new Error(failure("destroy", stack, result));
  tellWarnings(result, log);
}

/** Forgets a stack that holds nothing any more, its configuration and secrets included. */
export async function removeStack(stack: LocalStack): Promise<void> {
  const { binary, env, configDir } = stack.engine;
  const args = ["stack", "rm", stack.name, "--yes", "--preserve-config", "--non-interactive"];
  await mustRun(binary, args, { cwd: configDir, env });
  rmSync(stack.configFile, { force: true });
}

export async function outputs(stack: LocalStack): Promise<Record<string, unknown>> {
  const { binary, env } = stack.engine;
  const args = ["stack", "output", "--json", "--stack", stack.name];
  const text = await mustRun(binary, args, { cwd: stack.projectDir, env });
  return JSON.parse(text) as Record<string, unknown>;
}

/** The lines of the changes only count them. */
function tellWarnings({ stdout }: RunResult, log: Log): void {
  for (const warning of engineWarnings(stdout)) log(`warning of ${warning}`);
}

function failure(command: string, stack: LocalStack, { stdout, stderr }: RunResult): string {
  const text = `${stdout}\n${stderr}`;
  const diagnostics = text.slice(Math.max(0, text.indexOf("Diagnostics:"))).trim();
  return `pulumi ${command} of ${stack.name} failed:\n${diagnostics}\nNothing that was made is lost: mend the cause and run the same command again.`;
}
