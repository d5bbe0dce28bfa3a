import { describe, expect, test } from "vitest";
import { drain } from "./src/drain.js";
import type { Answer } from "./src/fate.js";
import type { Held } from "./src/queues.js";

const leaves: Answer = { fate: "leaves", because: "gateway wants 2 replicas" };
const returns: Answer = { fate: "returns", because: "gateway wants 3 replicas" };
const unknown: Answer = { fate: "unknown", because: "the API answers 403" };

function held(records: number, inFlight = 0): Held {
  const queue = { exporter: "otlp_http/loki", signal: "logs", records };
  return { queues: records === 0 ? [] : [queue], records, inFlight };
}

interface Scene {
  /** What the collector says at that second; an error is its silence. */
  readonly collector: (second: number) => Held | Error;
  readonly api?: (second: number) => Answer;
  readonly drainSeconds?: number;
  /** When the sidecar itself is told to stop. */
  readonly stoppedAt?: number;
}

/** Plays a scene with a clock of its own: 5 s to leave, 20 s of empty queues. */
async function play({ collector, api = () => leaves, drainSeconds = 300, stoppedAt }: Scene) {
  let now = 0;
  const lines: string[] = [];
  const stopping = new AbortController();
  const outcome = await drain({
    leaveSeconds: 5,
    drainSeconds,
    settleSeconds: 20,
    read: () => {
      const said = collector(now);
      return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
    },
    ask: () => Promise.resolve(api(now)),
    log: (line) => lines.push(line),
    signal: stopping.signal,
    clock: {
      now: () => now,
      sleep: (seconds) => {
        now = Math.min(now + seconds, stoppedAt ?? Infinity);
        if (now === stoppedAt) stopping.abort();
        return Promise.resolve();
      },
    },
  });
  return { ...outcome, seconds: now, lines };
}

const falling = (from: number, each: number) => (second: number) =>
  held(Math.max(0, from - each * second));

describe("a replica that leaves", () => {
  test("waits until its queues are empty, and stay so", async () => {
    expect(await play({ collector: falling(1_000, 25) })).toMatchObject({
      drained: true,
      because: "nothing is left",
      seconds: 60,
    });
  });

  test("has nothing to wait for but the proof, when its queues are empty", async () => {
    expect(await play({ collector: () => held(0) })).toMatchObject({ drained: true, seconds: 25 });
  });

  test("waits for requests that are under way, too", async () => {
    const collector = (second: number) => held(0, second < 30 ? 1 : 0);
    expect(await play({ collector })).toMatchObject({ drained: true, seconds: 50 });
  });

  test("begins to count anew when a kept connection brings something", async () => {
    const collector = (second: number) => held(second < 70 && second % 15 === 0 ? 1 : 0);
    expect(await play({ collector })).toMatchObject({ drained: true, seconds: 81 });
  });

  test("goes when its time is over, with what is left", async () => {
    expect(await play({ collector: () => held(500) })).toMatchObject({
      drained: false,
      because: "300 s are over",
      held: { records: 500 },
      seconds: 305,
    });
  });

  test("is drained at the end of its time, though something still passes through", async () => {
    const collector = (second: number) => held(second % 2);
    const outcome = await play({ collector, drainSeconds: 301 });
    expect(outcome).toMatchObject({ drained: true, because: "301 s are over", seconds: 306 });
  });

  test("does not wait for a collector that is dead, and remembers what it said last", async () => {
    const dead = new Error("connect ECONNREFUSED");
    const collector = (second: number) => (second < 40 ? held(70) : dead);
    expect(await play({ collector })).toMatchObject({
      drained: false,
      because: "connect ECONNREFUSED",
      held: { records: 70 },
      seconds: 69,
    });
    expect(await play({ collector: () => dead })).toMatchObject({
      drained: false,
      held: undefined,
      seconds: 35,
    });
  });

  test("takes no silence for empty queues", async () => {
    const collector = (second: number) =>
      second > 10 && second % 10 === 5 ? new Error("timeout") : held(0);
    expect(await play({ collector })).toMatchObject({
      drained: false,
      because: "300 s are over",
    });
  });

  test("stops waiting when the set wants it again", async () => {
    const api = (second: number) => (second < 60 ? leaves : returns);
    expect(await play({ collector: () => held(9), api })).toMatchObject({
      fate: "returns",
      because: "gateway wants 3 replicas",
      seconds: 65,
    });
  });

  test("says how far it is", async () => {
    const { lines } = await play({ collector: falling(1_000, 25) });
    expect(lines).toEqual([
      "gateway wants 2 replicas: waiting until the queues are empty; 875 records in its queues (875 for otlp_http/loki (logs))",
      "gateway wants 2 replicas: waiting until the queues are empty; 500 records in its queues (500 for otlp_http/loki (logs))",
      "gateway wants 2 replicas: waiting until the queues are empty; 125 records in its queues (125 for otlp_http/loki (logs))",
      "gateway wants 2 replicas: waiting until the queues are empty; empty queues and 0 requests under way",
    ]);
  });

  test("ends at once when the sidecar itself is told to stop", async () => {
    expect(await play({ collector: () => held(3), stoppedAt: 12 })).toMatchObject({
      drained: false,
      because: "told to stop while waiting",
      held: { records: 3 },
      seconds: 12,
    });
    // Before it has asked anybody.
    expect(await play({ collector: () => held(3), stoppedAt: 2 })).toMatchObject({ seconds: 2 });
  });
});

test.each([
  ["comes back", returns],
  ["goes with its whole set", { fate: "removed", because: "gateway is gone" } as const],
])("a replica that %s only lets the proxies forget it", async (_, answer) => {
  const outcome = await play({ collector: () => held(500), api: () => answer });
  expect(outcome).toMatchObject({ drained: false, fate: answer.fate, seconds: 5 });
});

describe("a replica of which nobody tells whether it comes back", () => {
  const api = () => unknown;

  test("waits while its queues become shorter", async () => {
    expect(await play({ collector: falling(1_000, 10), api })).toMatchObject({
      drained: true,
      seconds: 120,
    });
  });

  test("does not wait for a dead target", async () => {
    expect(await play({ collector: () => held(500), api })).toMatchObject({
      drained: false,
      because: "its queues have not become shorter for 30 s, and the API answers 403",
      seconds: 35,
    });
  });

  test("goes by what it is told later, and by that alone from then on", async () => {
    const told = (second: number) => (second >= 20 && second < 30 ? leaves : unknown);
    expect(await play({ collector: () => held(500), api: told })).toMatchObject({
      fate: "leaves",
      because: "300 s are over",
    });
  });
});
