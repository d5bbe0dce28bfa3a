import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that a run starts, kills and starts again. */
export interface ProgramArgs {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Answers 200 once it serves. */
  readonly readyUrl: string;
}

/** `sysconf(_SC_CLK_TCK)` of every Linux that Node runs on. */
const ticksPerSecond = 100;
const startMs = 60_000;
const stopMs = 20_000;
const keptLogCharacters = 20_000;

/** A process on this machine, with what it costs. */
export class Program implements AsyncDisposable {
  readonly #args: ProgramArgs;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #log = "";
  /** Set once it is meant to end: any other end is a finding. */
  #mayEnd = false;
  #unexpectedEnds = 0;

  constructor(args: ProgramArgs) {
    this.#args = args;
  }

  static async start(args: ProgramArgs): Promise<Program> {
    const program = new Program(args);
    await program.start();
    return program;
  }

  /** The end of what it wrote, over all its starts. */
  get log(): string {
    return this.#log;
  }

  /** How often it ended without being asked to. */
  get unexpectedEnds(): number {
    return this.#unexpectedEnds;
  }

  get running(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  async start(): Promise<void> {
    const { name, binary, args, env, readyUrl } = this.#args;
    this.#mayEnd = false;
    const child = spawn(binary, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-keptLogCharacters);
      });
    }
    this.#ended = new Promise((resolve) => {
      child.once("error", resolve);
      child.once("exit", () => {
        if (!this.#mayEnd) this.#unexpectedEnds += 1;
        resolve(undefined);
      });
    });
    const killWithUs = () => child.kill("SIGKILL");
    process.once("exit", killWithUs);
    void this.#ended.then(() => process.off("exit", killWithUs));
    const deadline = Date.now() + startMs;
    while (Date.now() < deadline) {
      if (!this.running) throw new Error(`${name} ended:\n${this.#log.slice(-2_000)}`);
      const ready = await fetch(readyUrl).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) return;
      await sleep(50);
    }
    await this.kill();
    throw new Error(`${name} is not ready after ${startMs / 1_000} s:\n${this.#log.slice(-2_000)}`);
  }

  /** As the kernel does it to a container without memory: nothing is flushed. */
  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** Gently, and by force when it takes too long. */
  async stop(): Promise<void> {
    this.#mayEnd = true;
    if (!this.running) return;
    this.#child?.kill("SIGTERM");
    await Promise.race([this.#ended, sleep(stopMs, undefined, { ref: false })]);
    await this.kill();
  }

  /** CPU that it has used since its last start, in its own code and the kernel's. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#pid()}/stat`, "utf8");
    // The second field is the name in brackets, and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
    return (user + system) / ticksPerSecond;
  }

  /** The most memory that it held at once since its last start, or since `forgetPeak`. */
  peakMemoryMiB(): number {
    const status = readFileSync(`/proc/${this.#pid()}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1_024;
  }

  /** Starts counting the peak anew. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#pid()}/clear_refs`, "5");
  }

  #pid(): number {
    if (this.#child?.pid === undefined || !this.running) {
      throw new Error(`${this.#args.name} does not run:\n${this.#log.slice(-2_000)}`);
    }
    return this.#child.pid;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
