import { realClock, type Clock } from "../clock.ts";
import { Ledger } from "../ledger.ts";
import { sum } from "../numbers.ts";
import { Pacer } from "./pacer.ts";
import type { Requests } from "./requests.ts";
import { Sender, type SenderCounts } from "./sender.ts";
import type { Transport } from "./transport.ts";

/** One writer: what it sends, over what, and how fast. */
export interface Stream {
  readonly requests: Requests;
  readonly transport: Transport;
  readonly recordsPerSecond: number;
  readonly inFlight?: number;
}

/** One writer's part of a load. */
export interface RunningStream {
  readonly sender: Sender;
  /** Which of its requests were taken, and when each was made. */
  readonly ledger: Ledger;
}

const tickMs = 20;

/** Streams that send at their rates until they are stopped. Each request is kept until it is taken. */
export class Load {
  readonly streams: readonly RunningStream[];
  readonly startedAtMs: number;
  #longestWaitMs = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #clock: Clock;
  #producing = true;

  constructor(streams: readonly Stream[], clock: Clock = realClock) {
    this.#clock = clock;
    this.startedAtMs = clock.nowMs();
    const paced = streams.map(({ requests, transport, recordsPerSecond, ...rest }) => {
      const ledger = new Ledger(requests.records);
      const sender = new Sender({
        requests,
        transport,
        clock,
        onAck: (request, atMs) => {
          ledger.acked(request, atMs);
          this.#longestWaitMs = Math.max(this.#longestWaitMs, clock.nowMs() - atMs);
        },
        ...rest,
      });
      const pacer = new Pacer(recordsPerSecond / requests.records, this.startedAtMs);
      return { running: { sender, ledger }, pacer };
    });
    this.streams = paced.map(({ running }) => running);
    this.#timer = setInterval(() => {
      const nowMs = clock.nowMs();
      for (const { running, pacer } of paced) {
        for (let due = pacer.due(nowMs); due > 0; due -= 1) {
          running.sender.offer(running.sender.counts().offered, nowMs);
        }
      }
    }, tickMs);
  }

  /** All streams together, in requests but for `rejectedRecords`. */
  counts(): SenderCounts {
    const all = this.streams.map(({ sender }) => sender.counts());
    const total = (name: keyof SenderCounts) => sum(all.map((one) => one[name]));
    return {
      offered: total("offered"),
      acked: total("acked"),
      refused: total("refused"),
      failed: total("failed"),
      rejectedRecords: total("rejectedRecords"),
    };
  }

  /** The longest from a request's making until it was taken: what an application's buffer must cover. */
  get longestWaitMs(): number {
    return this.#longestWaitMs;
  }

  /** Records that wait at the senders. */
  waitingRecords(): number {
    return sum(this.streams.map(({ sender }) => sender.open * sender.requests.records));
  }

  ackedRecords(): number {
    return sum(this.streams.map(({ sender }) => sender.counts().acked * sender.requests.records));
  }

  /** Makes no more, and waits until all that was made is taken, or for so long. What was not taken then is given up. */
  async finish(mostMs: number): Promise<void> {
    this.#endProducing();
    const deadline = this.#clock.nowMs() + mostMs;
    while (this.waitingRecords() > 0 && this.#clock.nowMs() < deadline) {
      await this.#clock.sleep(tickMs);
    }
    for (const { sender } of this.streams) sender.stop();
  }

  #endProducing(): void {
    if (!this.#producing) return;
    this.#producing = false;
    clearInterval(this.#timer);
  }

  /** Stops at once; nothing of it keeps the process alive. */
  [Symbol.dispose](): void {
    this.#endProducing();
    for (const { sender } of this.streams) sender.stop();
  }
}
