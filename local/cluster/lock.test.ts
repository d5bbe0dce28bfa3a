import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "./lock.ts";
import { processStart } from "./process-table.ts";
import { currentBootId } from "./record.ts";

let directory: string;
let lockFile: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
  lockFile = join(directory, "state", "lock");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("the lock", () => {
  it("lets one command work at a time and names the other", async () => {
    const inner = () => withLock(lockFile, "down", () => Promise.resolve("never"));
    await expect(withLock(lockFile, "up", inner)).rejects.toThrow(
      `another command works on this cluster: "up", process ${process.pid}. ` +
        `Fix: wait until it ends, or end it with "kill ${process.pid}"`,
    );
  });

  it("is free again after the work, also after one that failed", async () => {
    await expect(withLock(lockFile, "up", () => Promise.reject(new Error("no")))).rejects.toThrow(
      "no",
    );
    expect(existsSync(lockFile)).toBe(false);
    expect(await withLock(lockFile, "up", () => Promise.resolve("done"))).toBe("done");
  });

  it.each([
    ["a process that has ended", { pid: 4_194_303, start: "1" }],
    ["an id that went to another process", { pid: process.pid, start: "1" }],
    [
      "an earlier boot",
      { pid: process.pid, start: processStart(process.pid) ?? "", bootId: "an earlier one" },
    ],
  ])("is taken over from %s", async (_, holder) => {
    await withLock(lockFile, "first", () => Promise.resolve());
    writeFileSync(lockFile, JSON.stringify({ bootId: currentBootId(), command: "up", ...holder }));
    expect(await withLock(lockFile, "up", () => Promise.resolve("done"))).toBe("done");
  });

  it("is taken over when it cannot be read", async () => {
    await withLock(lockFile, "first", () => Promise.resolve());
    writeFileSync(lockFile, "{");
    expect(await withLock(lockFile, "up", () => Promise.resolve("done"))).toBe("done");
  });
});
