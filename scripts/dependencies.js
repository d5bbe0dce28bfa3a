// Plain JavaScript without dependencies: it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname ?? ".", "..");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 11)) {
  fail(`Node ${process.versions.node} is too old. Fix: install Node 20.11 or newer and run again.`);
}

const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const lock = createHash("sha256").update(lockText).digest("hex");
const marker = join(root, "node_modules", ".installed-lock");
if (!isInstalled()) {
  console.log("Installing the locked dependencies (npm ci) …");
  const result = spawnSync(
    "npm",
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  if (result.error !== undefined) {
    fail(
      `npm cannot be started (${result.error.code ?? result.error.message}). Fix: put the npm that came with Node on the PATH and run the same command again.`,
    );
  }
  if (result.status !== 0) {
    fail(
      "npm ci failed, see above. Fix: make the npm registry reachable and run the same command again.",
    );
  }
  writeFileSync(marker, lock);
}

/** Looks for each package too: someone may have removed a part. Optional ones are there for some platforms only. */
function isInstalled() {
  if (!existsSync(marker) || readFileSync(marker, "utf8") !== lock) return false;
  const packages = Object.entries(JSON.parse(lockText).packages);
  return packages.every(
    ([path, { optional }]) => optional === true || existsSync(join(root, path)),
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
