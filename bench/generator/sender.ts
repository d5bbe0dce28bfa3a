import type { Clock } from "../clock.ts";
import type { Requests } from "./requests.ts";
import type { Transport } from "./transport.ts";

/** A request that waits for its turn: it is made again from its number and its time. */
interface Waiting {
  readonly request: number;
  readonly atMs: number;
}

/** What became of a writer's requests so far. */
export interface SenderCounts {
  readonly offered: number;
  /** Requests that were taken. */
  readonly acked: number;
  /** Answers that there is no room now, and sends without an answer: each was sent again. */
  readonly refused: number;
  readonly failed: number;
  /** Records of requests that will never be taken. */
  readonly rejectedRecords: number;
}

export interface SenderOptions {
  readonly requests: Requests;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Requests that may be under way at once. */
  readonly inFlight?: number;
  readonly onAck?: (request: number, atMs: number) => void;
}

/** As the SDKs' exporters wait between attempts. */
const backoff = { firstMs: 1_000, mostMs: 5_000, factor: 1.5, jitter: 0.2 } as const;

/** How long to wait before an attempt after so many that were not taken. */
export function backoffMs(attempts: number, random: number): number {
  const plain = Math.min(backoff.mostMs, backoff.firstMs * backoff.factor ** (attempts - 1));
  return plain * (1 + backoff.jitter * (2 * random - 1));
}

/** Sends a writer's requests until each is taken, as an SDK would: with backoff, keeping what was refused. */
export class Sender {
  readonly requests: Requests;
  readonly #options: SenderOptions;
  readonly #waiting: Waiting[] = [];
  /** Requests that are neither taken nor rejected for good. */
  #open = 0;
  #busy = 0;
  #stopped = false;
  #offered = 0;
  #acked = 0;
  #refused = 0;
  #failed = 0;
  #rejectedRecords = 0;
  /** The last reason why something was not taken. */
  lastTrouble: string | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.requests = options.requests;
  }

  counts(): SenderCounts {
    return {
      offered: this.#offered,
      acked: this.#acked,
      refused: this.#refused,
      failed: this.#failed,
      rejectedRecords: this.#rejectedRecords,
    };
  }

  /** Requests that still have to be taken. */
  get open(): number {
    return this.#open;
  }

  /** Puts a request at the end of the line. */
  offer(request: number, atMs: number): void {
    this.#offered += 1;
    this.#open += 1;
    this.#waiting.push({ request, atMs });
    const { inFlight = 4 } = this.#options;
    if (this.#busy < inFlight) void this.#work();
  }

  /** Sends nothing more; what is open stays so. */
  stop(): void {
    this.#stopped = true;
    this.#options.transport.close();
  }

  async #work(): Promise<void> {
    this.#busy += 1;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#sendUntilTaken(next);
      if (this.#stopped) break;
    }
    this.#busy -= 1;
  }

  async #sendUntilTaken({ request, atMs }: Waiting): Promise<void> {
    const { requests, transport, clock, onAck } = this.#options;
    for (let attempts = 1; !this.#stopped; attempts += 1) {
      const answer = await transport.send(requests.signal, requests.encode(request, atMs));
      switch (answer.kind) {
        case "taken":
          this.#acked += 1;
          this.#open -= 1;
          this.#rejectedRecords += answer.rejected;
          onAck?.(request, atMs);
          return;
        case "rejected":
          this.lastTrouble = answer.why;
          this.#open -= 1;
          this.#rejectedRecords += requests.records;
          return;
        case "refused":
          this.#refused += 1;
          break;
        case "failed":
          this.#failed += 1;
          break;
      }
      this.lastTrouble = answer.why;
      await clock.sleep(backoffMs(attempts, Math.random()));
    }
  }
}
