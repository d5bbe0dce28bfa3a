import fc from "fast-check";
import { expect, test } from "vitest";
import { Pacer } from "./pacer.ts";

test("a rate holds to within one thing, whatever the ticks are like", () => {
  const ticks = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 200 });
  const rate = fc.double({ min: 0.1, max: 2_000, noNaN: true });
  fc.assert(
    fc.property(ticks, rate, (gaps, perSecond) => {
      const pacer = new Pacer(perSecond, 1_000);
      let [nowMs, given] = [1_000, 0];
      for (const gap of gaps) {
        nowMs += gap;
        given += pacer.due(nowMs);
        expect(Math.abs(given - ((nowMs - 1_000) / 1_000) * perSecond)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("nothing is due before its time, and nothing twice", () => {
  const pacer = new Pacer(10, 0);
  expect(pacer.due(99)).toBe(0);
  expect(pacer.due(100)).toBe(1);
  expect(pacer.due(100)).toBe(0);
  expect(pacer.due(1_000)).toBe(9);
});
