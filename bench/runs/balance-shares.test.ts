import { expect, test } from "vitest";
import { balancedAfter, shares } from "./balance-shares.ts";

const counts = (values: Record<string, number>) => new Map(Object.entries(values));

test("shares are of what came in between; a new pod and a counter that began anew count from zero", () => {
  const parts = shares(counts({ a: 100, b: 500 }), counts({ a: 150, b: 25, c: 25 }));
  expect([...parts]).toEqual([
    ["a", 0.5],
    ["b", 0.25],
    ["c", 0.25],
  ]);
});

/** Two replicas: `b` takes its part from a moment on. */
function moments(from: number, part: number) {
  let [a, b] = [0, 0];
  return Array.from({ length: 13 }, (_, index) => {
    const taken = index >= from ? part : 0;
    a += 100 * (1 - taken);
    b += 100 * taken;
    return { atMs: index * 5_000, counts: counts({ a, b }) };
  });
}

test("balanced is when a whole window was fair, and all after it", () => {
  expect(balancedAfter(moments(0, 0.5), 2, 0.1, 20_000)).toBe(20_000);
  // 4 unfair samples must have left the window of 4 samples: the first fair one ends at sample 8.
  expect(balancedAfter(moments(5, 0.5), 2, 0.1, 20_000)).toBe(40_000);
});

test.each([
  ["a share beyond the deviation", moments(0, 0.44), 2],
  ["a replica that gets nothing", moments(0, 0.5), 3],
])("%s is never balanced", (_, series, replicas) => {
  expect(balancedAfter(series, replicas, 0.1, 20_000)).toBe(Number.POSITIVE_INFINITY);
});
