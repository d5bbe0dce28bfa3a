import { expect, test } from "vitest";
import { judge } from "./sampling-judge.ts";
import type { SentTrace, TraceKind } from "./sampling-traffic.ts";
import { Services } from "./sampling-traffic.ts";

const trace = (kind: TraceKind): SentTrace => ({
  kind,
  spans: ["a", "b"],
  ...(kind === "late" ? { lateSpan: "z" } : {}),
});

function judged(kind: TraceKind, came: Record<string, number>) {
  const sent = { traces: new Map([["t", trace(kind)]]), spansSent: 2 };
  const spans = new Map(
    Object.keys(came).length === 0 ? [] : [["t", new Map(Object.entries(came))]],
  );
  return judge(sent, { spans, counted: () => 2 }, 0);
}

test.each<[string, TraceKind, Record<string, number>, object]>([
  ["dropped whole", "plain", {}, { kept: 0, split: 0, twice: 0 }],
  ["kept whole", "plain", { a: 1, b: 1 }, { kept: 1, split: 0, twice: 0 }],
  ["split", "plain", { a: 1 }, { kept: 1, split: 1 }],
  ["with a span twice", "slow", { a: 1, b: 2 }, { kept: 1, split: 0, twice: 1 }],
  ["an error lost", "early", {}, { lost: { early: 1, late: 0, rootless: 0 } }],
  ["an error without a root lost", "rootless", {}, { lost: { early: 0, late: 0, rootless: 1 } }],
  ["a late error lost", "late", { a: 1, b: 1 }, { lost: { early: 0, late: 1, rootless: 0 } }],
  [
    "a late error alone",
    "late",
    { z: 1 },
    { lateAlone: 1, split: 0, lost: { early: 0, late: 0, rootless: 0 } },
  ],
  ["a late error with its trace", "late", { a: 1, b: 1, z: 1 }, { lateAlone: 0, split: 0 }],
])("%s", (_, kind, came, verdict) => {
  expect(judged(kind, came)).toMatchObject(verdict);
});

test("of a hundred traces ten are special, and every span is sent once", () => {
  const services = new Services("00c0ffee");
  services.flush(100, 1_000);
  for (const nowMs of [1_200, 1_400, 11_000]) services.flush(0, nowMs);
  expect(services.hasLateSpans()).toBe(false);
  const kinds = [...services.traces.values()].map(({ kind }) => kind);
  const number = (kind: TraceKind) => kinds.filter((one) => one === kind).length;
  expect([number("early"), number("late"), number("rootless"), number("slow")]).toEqual([
    4, 2, 2, 2,
  ]);
  expect(services.traces.size).toBe(100);
  const spans = [...services.traces.values()].reduce(
    (all, { spans: inTime, lateSpan }) => all + inTime.length + (lateSpan === undefined ? 0 : 1),
    0,
  );
  expect(services.spansSent).toBe(spans);
});
