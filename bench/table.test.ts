import { expect, test } from "vitest";
import { atLeast, atMost, count, exactly, percent, renderTable, seconds, told } from "./table.ts";

test("measured stands beside target, and what is missed says so", () => {
  const rows = [
    told("records", count(1_234_567)),
    exactly("missing", 3, 0),
    atMost("lag, p95", 4_321, 5_000, seconds),
    atLeast("logs/s", 19_000, 20_000, count),
    atMost("duplicates", 0.00004, 0.001, percent),
  ];
  expect(renderTable(rows)).toBe(
    [
      "what         measured    target",
      "records     1,234,567",
      "missing             3         0  MISSED",
      "lag, p95       4.32 s  ≤ 5.00 s  met",
      "logs/s         19,000  ≥ 20,000  MISSED",
      "duplicates   0.0040 %  ≤ 0.10 %  met",
    ].join("\n"),
  );
});

test("a number that is not one meets no target", () => {
  expect(atMost("lag", Number.NaN, 5_000).met).toBe(false);
  expect(atLeast("rate", Number.NaN, 1).met).toBe(false);
});
