import { expect, test } from "vitest";
import { describeFlags, parseDuration, parseFlags, UsageError } from "./flags.ts";

const specs = {
  rate: { kind: "number", default: 1_000, help: "logs/s" },
  hold: { kind: "duration", default: "10m", help: "how long" },
  rates: { kind: "numbers", default: [1, 2], help: "to try" },
  keep: { kind: "switch", help: "leave it" },
} as const;

test("what is not given is as its spec says", () => {
  expect(parseFlags(specs, [])).toEqual({ rate: 1_000, hold: 600_000, rates: [1, 2], keep: false });
});

test("what is given comes in its unit", () => {
  const args = ["--rate", "20_000", "--hold=90s", "--rates", "5,10.5", "--keep"];
  expect(parseFlags(specs, args)).toEqual({
    rate: 20_000,
    hold: 90_000,
    rates: [5, 10.5],
    keep: true,
  });
});

test.each([
  ["500ms", 500],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [["--hold", "10"], "--hold is 10. Fix: write a number and a unit, such as 90s or 10m"],
  [["--rate", "many"], "--rate is many. Fix: write a number from 0 on, such as 10000"],
  [["--rate=-1"], "--rate is -1. Fix: write a number from 0 on, such as 10000"],
])("%j is refused with its fix", (args, message) => {
  expect(() => parseFlags(specs, args)).toThrow(new UsageError(message));
});

test.each([[["--rat", "1"]], [["more"]], [["--rate"]]])(
  "%j lists the flags that there are",
  (args) => {
    expect(() => parseFlags(specs, args)).toThrow(describeFlags(specs));
  },
);
