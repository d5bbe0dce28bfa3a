import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Called with each line of both outputs, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Ends the program with SIGTERM when it is aborted. */
  readonly signal?: AbortSignal;
  /** Killed with SIGTERM after this long, and with SIGKILL ten seconds later. */
  readonly timeoutSeconds?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const killGraceSeconds = 10;

/** Runs a program to its end. Throws only when it cannot be started; a failure is a code other than 0. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env });
  const output = { stdout: [] as string[], stderr: [] as string[] };
  const readers = (["stdout", "stderr"] as const).map(async (name) => {
    for await (const line of createInterface({ input: child[name] })) {
      output[name].push(line);
      options.onLine?.(line);
    }
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const interrupt = (): void => {
    child.kill("SIGTERM");
  };
  options.signal?.addEventListener("abort", interrupt);
  const timers =
    options.timeoutSeconds === undefined ? [] : killAfter(child, options.timeoutSeconds);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", (error) => {
        reject(new Error(`${program} could not be started: ${error.message}`));
      });
      child.once("close", (exit, signal) => {
        resolve(exit ?? (signal === null ? 1 : 128));
      });
    });
    await Promise.all(readers);
    return { code, stdout: output.stdout.join("\n"), stderr: output.stderr.join("\n") };
  } finally {
    timers.forEach(clearTimeout);
    options.signal?.removeEventListener("abort", interrupt);
  }
}

function killAfter(child: ReturnType<typeof spawn>, seconds: number): NodeJS.Timeout[] {
  const stop = (signal: NodeJS.Signals, after: number) =>
    setTimeout(() => child.kill(signal), after * 1_000);
  return [stop("SIGTERM", seconds), stop("SIGKILL", seconds + killGraceSeconds)];
}

/** Runs a program that must succeed and gives what it printed; the error carries its last lines. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-25).join("\n");
  throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${tail}`);
}
