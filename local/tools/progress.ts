import type { Program } from "./program.ts";

/** Says how far the making of several programs is, how long it took and how long it will take. */
export class Progress {
  readonly #programs: readonly Program[];
  readonly #log: (line: string) => void;
  /** How many programs are built at once, so that each has that part of the machine. */
  readonly #parallel: number;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #spentSeconds = new Map<string, number>();
  readonly #running = new Map<Program, number>();
  #expectedOfDone = 0;

  constructor(
    programs: readonly Program[],
    log: (line: string) => void,
    parallel: number,
    now: () => number = Date.now,
  ) {
    this.#parallel = parallel;
    this.#programs = programs;
    this.#log = log;
    this.#now = now;
    this.#startedMs = now();
  }

  /** Announces a program before its build. */
  building(program: Program): void {
    const seconds = Math.max(1, Math.round(program.buildSeconds * this.#pace()));
    this.#say(program, `building (about ${seconds} s)${this.#outlook()}`);
    this.#running.set(program, this.#now());
  }

  /** Notes a finished program. */
  done(program: Program, how: string, seconds: number): void {
    this.#spentSeconds.set(program.name, seconds);
    this.#running.delete(program);
    this.#expectedOfDone += program.buildSeconds;
    this.#say(program, `${how} in ${Math.round(seconds)} s`);
  }

  /** Something worth a line that happened to a program on the way. */
  note(program: Program, text: string): void {
    this.#say(program, text);
  }

  /** One line with the time of all and of each. */
  total(): void {
    const each = [...this.#spentSeconds].map(([name, spent]) => `${name} ${Math.round(spent)} s`);
    this.#log(`tools ready in ${duration(this.#elapsedSeconds())}: ${each.join(", ")}`);
  }

  #say(program: Program, text: string): void {
    const place = this.#programs.indexOf(program) + 1;
    const { name, version } = program;
    this.#log(`[${place}/${this.#programs.length}] ${name} ${version}: ${text}`);
  }

  #elapsedSeconds(): number {
    return (this.#now() - this.#startedMs) / 1_000;
  }

  /** Seconds of the measured times that are done, with what runs now counted by its share of the machine. */
  #doneSeconds(): number {
    let seconds = this.#expectedOfDone;
    for (const [{ buildSeconds }, startedMs] of this.#running) {
      const share = (this.#now() - startedMs) / 1_000 / this.#parallel;
      seconds += Math.min(buildSeconds * 0.9, share);
    }
    return seconds;
  }

  /** How much slower than the machine of the measured times this one has been so far. */
  #pace(): number {
    return (this.#elapsedSeconds() + doubtSeconds) / (this.#doneSeconds() + doubtSeconds);
  }

  #outlook(): string {
    const expected = this.#programs.reduce((sum, { buildSeconds }) => sum + buildSeconds, 0);
    const left = Math.max(0, expected - this.#doneSeconds()) * this.#pace();
    return ` · ${duration(this.#elapsedSeconds())} done, about ${duration(left)} left`;
  }
}

/** So much time must have passed before the pace of this machine outweighs that of the measured one. */
const doubtSeconds = 120;

/** `45 s`, or whole minutes from two minutes on. */
export function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
