import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import { backoffMs, Sender } from "./sender.ts";
import type { Answer, Transport } from "./transport.ts";

/** Time that passes only in sleeps. */
class FakeClock implements Clock {
  now = 0;
  readonly slept: number[] = [];
  nowMs(): number {
    return this.now;
  }
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.now += ms;
    await turn();
  }
}

const requests = {
  signal: "logs",
  records: 10,
  encode: (request: number) => Buffer.from([request]),
} as const;

function senderWith(answers: readonly Answer[], inFlight = 1) {
  const clock = new FakeClock();
  const sent: number[] = [];
  const script = [...answers];
  const transport: Transport = {
    send: async (_, body) => {
      sent.push(body[0] ?? -1);
      await turn();
      return script.shift() ?? { kind: "taken", rejected: 0 };
    },
    close: () => undefined,
  };
  const acked: number[] = [];
  const sender = new Sender({
    requests,
    transport,
    clock,
    inFlight,
    onAck: (request) => acked.push(request),
  });
  const done = async () => {
    while (sender.open > 0) await turn();
  };
  return { sender, clock, sent, acked, done };
}

test("what is refused or not answered is kept and sent again, later each time", async () => {
  const { sender, clock, sent, acked, done } = senderWith([
    { kind: "refused", why: "no room" },
    { kind: "failed", why: "no connection" },
    { kind: "refused", why: "no room" },
  ]);
  sender.offer(0, 5);
  sender.offer(1, 6);
  await done();
  expect(sent).toEqual([0, 0, 0, 0, 1]);
  expect(acked).toEqual([0, 1]);
  expect(sender.counts()).toEqual({
    offered: 2,
    acked: 2,
    refused: 2,
    failed: 1,
    rejectedRecords: 0,
  });
  expect(clock.slept).toHaveLength(3);
  expect(clock.slept[0]).toBeGreaterThanOrEqual(800);
  expect(clock.slept[2]).toBeGreaterThan(clock.slept[0] ?? 0);
});

test("what is rejected for good is not sent again, and its records are counted", async () => {
  const { sender, sent, acked, done } = senderWith([
    { kind: "rejected", why: "HTTP 400" },
    { kind: "taken", rejected: 3 },
  ]);
  sender.offer(0, 5);
  sender.offer(1, 5);
  await done();
  expect(sent).toEqual([0, 1]);
  expect(acked).toEqual([1]);
  expect(sender.counts()).toMatchObject({ acked: 1, rejectedRecords: 13 });
});

test("no more than the allowed requests are under way at once", async () => {
  const { sender, sent, done } = senderWith([], 2);
  for (let request = 0; request < 5; request += 1) sender.offer(request, 5);
  expect(sent).toEqual([0, 1]);
  await done();
  expect(sent).toEqual([0, 1, 2, 3, 4]);
});

test("a stopped sender gives up what is open", async () => {
  const refusals = Array.from({ length: 50 }, (): Answer => ({ kind: "refused", why: "no room" }));
  const { sender } = senderWith(refusals);
  sender.offer(0, 5);
  await turn();
  sender.stop();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(sender.open).toBe(1);
  expect(sender.counts().acked).toBe(0);
});

test("backoff grows to its bound and scatters by a fifth", () => {
  expect(backoffMs(1, 0.5)).toBe(1_000);
  expect(backoffMs(1, 0)).toBe(800);
  expect(backoffMs(1, 1)).toBe(1_200);
  expect(backoffMs(2, 0.5)).toBe(1_500);
  expect(backoffMs(50, 0.5)).toBe(5_000);
});
