import { expect, test } from "vitest";
import { median, percentile } from "./numbers.ts";

test("percentiles are values that were measured", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.95)).toBe(95);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.95)).toBeNaN();
});

test("one disturbed round does not move the median", () => {
  expect(median([10, 11, 500])).toBe(11);
});
