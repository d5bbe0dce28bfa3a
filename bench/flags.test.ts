import { expect, test } from "vitest";
import { parse, UsageError } from "../cli/command.ts";
import { describeFlags, flagOptions, flagValues, parseDuration } from "./flags.ts";

const specs = {
  rate: { kind: "number", default: 1_000, help: "logs/s" },
  hold: { kind: "duration", default: "10m", help: "how long" },
  rates: { kind: "numbers", default: [1, 2], help: "to try" },
  keep: { kind: "switch", help: "leave it" },
} as const;

function parseFlags(args: readonly string[]) {
  const command = { usage: describeFlags(specs), options: flagOptions(specs), arguments: [] };
  return flagValues(specs, parse(command, args).values);
}

test("what is not given is as its spec says", () => {
  expect(parseFlags([])).toEqual({ rate: 1_000, hold: 600_000, rates: [1, 2], keep: false });
});

test("what is given comes in its unit", () => {
  const args = ["--rate", "20_000", "--hold=90s", "--rates", "5,10.5", "--keep"];
  expect(parseFlags(args)).toEqual({
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
  expect(() => parseFlags(args)).toThrow(new UsageError(message));
});

test("each flag has a line, with its default", () => {
  expect(describeFlags(specs).split("\n")).toEqual([
    "  --rate                 logs/s (1000)",
    "  --hold                 how long (10m)",
    "  --rates                to try (1,2)",
    "  --keep                 leave it",
  ]);
});
