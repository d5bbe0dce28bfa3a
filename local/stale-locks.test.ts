import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeStaleLocks } from "./stale-locks.ts";

let backend = "";
let folder = "";

beforeEach(() => {
  backend = mkdtempSync(join(tmpdir(), "sightline-locks-"));
  folder = join(backend, ".pulumi", "locks", "organization", "sightline", "dev");
  mkdirSync(folder, { recursive: true });
});

afterEach(() => {
  rmSync(backend, { recursive: true });
});

test.each([
  ["of a process that is gone", `{"pid":4711,"hostname":"here"}`],
  ["that was cut short", ""],
  ["that names no process", "{}"],
])("removes a lock %s", (_, text) => {
  writeFileSync(join(folder, "a.json"), text);
  removeStaleLocks(backend, "dev", () => false);
  expect(readdirSync(folder)).toEqual([]);
});

test("leaves a lock whose process lives, and says whose it is", () => {
  writeFileSync(join(folder, "a.json"), `{"pid":4711}`);
  expect(() => {
    removeStaleLocks(backend, "dev", (pid) => pid === 4711);
  }).toThrow(
    "stack dev is being worked on by process 4711. Fix: wait until it ends (`ps -p 4711`), or end it",
  );
  expect(readdirSync(folder)).toEqual(["a.json"]);
});

test("takes a recycled process id for no Pulumi", () => {
  writeFileSync(join(folder, "a.json"), JSON.stringify({ pid: 1 }));
  removeStaleLocks(backend, "dev");
  expect(readdirSync(folder)).toEqual([]);
});

test("has nothing to do for a stack that was never locked", () => {
  expect(() => {
    removeStaleLocks(backend, "prod");
  }).not.toThrow();
});
