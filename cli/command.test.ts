import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse, runCommand, UsageError } from "./command.ts";

const command = {
  usage: "npm run thing -- <stack> <folder>",
  options: {
    overlay: { type: "string" },
    rotate: { type: "string", multiple: true },
    tools: { type: "boolean", default: false },
  },
  arguments: ["<stack>", "<folder>"],
} as const;
const chooses = { ...command, arguments: [], choices: ["unit", "tools", "e2e"] } as const;

describe("parse", () => {
  it("gives options and arguments in any order", () => {
    const args = ["dev", "--overlay", "a.yaml", "--rotate=x", "out", "--rotate", "y", "--tools"];
    const { values, positionals } = parse(command, args);
    expect(values).toEqual({ overlay: "a.yaml", rotate: ["x", "y"], tools: true });
    expect(positionals).toEqual(["dev", "out"]);
  });

  it("takes a dash for a value where it is written as one", () => {
    expect(parse(command, ["dev", "out", "--overlay=-x"]).values.overlay).toBe("-x");
  });

  it("takes any number of its choices", () => {
    expect(parse(chooses, ["e2e", "unit"]).positionals).toEqual(["e2e", "unit"]);
    expect(parse(chooses, []).positionals).toEqual([]);
  });

  it.each([
    [
      ["dev", "out", "--overlya", "x"],
      "the option --overlya is unknown: did you mean --overlay? Fix: write --overlay",
    ],
    [
      ["dev", "out", "--fast"],
      "the option --fast is unknown. Fix: leave it out; there are --overlay, --rotate, --tools",
    ],
    [
      ["dev", "out", "-x"],
      "the option -x is unknown. Fix: leave it out; there are --overlay, --rotate, --tools",
    ],
    [["dev", "out", "--overlay"], "--overlay needs a value. Fix: write --overlay <value>"],
    [["dev", "out", "--overlay="], "--overlay needs a value. Fix: write --overlay <value>"],
    [
      ["dev", "out", "--overlay", "--tools"],
      "--overlay needs a value. Fix: write --overlay <value>",
    ],
    [["dev", "out", "--tools=yes"], "--tools takes no value. Fix: write --tools alone"],
    [[], "<stack> is missing. Fix: name <stack> and <folder>"],
    [["dev"], "<folder> is missing. Fix: name <stack> and <folder>"],
    [["dev", ""], "<folder> is missing. Fix: name <stack> and <folder>"],
    [["dev", "out", "more"], '"more" is not expected here. Fix: leave it out'],
  ])("%j is refused", (args, message) => {
    expect(() => parse(command, args)).toThrow(new UsageError(message));
  });

  it("refuses what is none of its choices", () => {
    expect(() => parse(chooses, ["e3e"])).toThrow(
      new UsageError("the name e3e is unknown: did you mean e2e? Fix: write e2e"),
    );
  });
});

describe("runCommand", () => {
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    const note = (text: unknown) => printed.push(String(text));
    vi.spyOn(console, "log").mockImplementation(note);
    vi.spyOn(console, "error").mockImplementation(note);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  class Told extends Error {}
  const failing = (error: Error) => () => Promise.reject(error);

  it.each([["--help"], ["-h"]])("%s prints the usage, whatever else is there", async (help) => {
    await runCommand(command, ["--fast", help], [], failing(new Error("ran")));
    expect(printed).toEqual([command.usage]);
    expect(process.exitCode).toBeUndefined();
  });

  it("ends a wrong call with 2 and the usage", async () => {
    await runCommand(command, ["dev"], [], failing(new Error("ran")));
    expect(printed).toEqual([
      `<folder> is missing. Fix: name <stack> and <folder>\n\n${command.usage}`,
    ]);
    expect(process.exitCode).toBe(2);
  });

  it("tells an expected error by its message alone, and ends with 1", async () => {
    await runCommand(command, ["dev", "out"], [Told], failing(new Told("no disk")));
    expect(printed).toEqual(["no disk"]);
    expect(process.exitCode).toBe(1);
  });

  it("shows the whole of an error that nobody expected", async () => {
    await runCommand(command, ["dev", "out"], [Told], failing(new Error("a bug")));
    expect(printed).toEqual(["Error: a bug"]);
    expect(process.exitCode).toBe(1);
  });
});
