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

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const marker = join(root, "node_modules", ".installed-lock");
if (!existsSync(marker) || readFileSync(marker, "utf8") !== lock) {
  console.log("Installing the locked dependencies (npm ci) …");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
  });
  if (result.status !== 0) {
    fail(
      "npm ci failed, see above. Fix: make the npm registry reachable and run the same command again.",
    );
  }
  writeFileSync(marker, lock);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
