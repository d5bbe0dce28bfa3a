import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let checkout = "";

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "dependencies-"));
  mkdirSync(join(checkout, "bin"));
  cpSync(import.meta.dirname, join(checkout, "scripts/bootstrap"), { recursive: true });
  cpSync(join(import.meta.dirname, "../run.cjs"), join(checkout, "scripts/run.cjs"));
  writeFileSync(
    join(checkout, "package.json"),
    '{ "type": "module", "engines": { "node": ">=20.11" } }',
  );
  // With a Node that fits on the PATH no other is looked for.
  symlinkSync(process.execPath, join(checkout, "bin/node"));
  lock({ "node_modules/a": {}, "node_modules/other-platform": { optional: true } });
});
afterEach(() => {
  rmSync(checkout, { recursive: true });
});

function lock(packages: object) {
  writeFileSync(
    join(checkout, "package-lock.json"),
    JSON.stringify({ packages: { "": {}, ...packages } }),
  );
}

/** A program in npm's place, the only one on the PATH. */
function npm(body: string) {
  writeFileSync(join(checkout, "bin/npm"), `#!/bin/sh\n${body}\n`);
  chmodSync(join(checkout, "bin/npm"), 0o755);
}

const installing = "/bin/mkdir -p node_modules/a && echo installed $1 $2";

function run() {
  const script = join(checkout, "scripts/run.cjs");
  const env = { PATH: join(checkout, "bin") };
  const options = { env, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], options);
  return { status, stdout, stderr };
}

const begins = "Installing the locked dependencies (npm ci) …\n";
const silent = { status: 0, stdout: "", stderr: "" };

test("installs once, the tools of development too, and again when the lock has changed", () => {
  npm(installing);
  const first = run();
  expect(first).toMatchObject({ status: 0, stdout: "" });
  expect(first.stderr).toContain("installed ci --include=dev");
  expect(run()).toEqual(silent);
  lock({ "node_modules/a": { version: "2.0.0" } });
  expect(run().stderr).toContain("installed");
});

test("installs again when a part was removed", () => {
  npm(installing);
  run();
  rmSync(join(checkout, "node_modules/a"), { recursive: true });
  expect(run().stderr).toContain("installed");
  expect(run()).toEqual(silent);
});

test("an install that failed is said and not taken for done", () => {
  npm("exit 1");
  for (const { status, stderr } of [run(), run()]) {
    expect(status).toBe(1);
    expect(stderr).toBe(
      `${begins}npm ci failed, see above. Fix: make the npm registry reachable and run the same command again.\n`,
    );
  }
});

test("says that npm is missing", () => {
  expect(run()).toMatchObject({
    status: 1,
    stderr: `${begins}npm cannot be started (ENOENT). Fix: put the npm that came with Node on the PATH and run the same command again.\n`,
  });
});

test("this checkout's own lock is in the form that is read", () => {
  const text = readFileSync(join(import.meta.dirname, "../..", "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, object> };
  expect(Object.keys(packages)).toContain("node_modules/tsx");
});
