import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, root } from "./context.js";

/** The dependencies are not there; the message says what to do. */
export class InstallError extends Error {}

/**
 * Installs the locked dependencies where the lock has changed or a part is gone.
 * @param {NodeJS.ProcessEnv} env
 */
export function installDependencies(env) {
  const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock = createHash("sha256").update(lockText).digest("hex");
  const marker = join(root, "node_modules", ".installed-lock");
  if (isInstalled(marker, lock, lockText)) return;
  console.error("Installing the locked dependencies (npm ci) …");
  const result = spawnSync(
    "npm",
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    // Not where the command itself answers.
    { cwd: root, env, stdio: ["inherit", 2, "inherit"] },
  );
  if (result.error !== undefined) {
    throw new InstallError(
      `npm cannot be started (${reasonOf(result.error)}). Fix: put the npm that came with Node on the PATH and run the same command again.`,
    );
  }
  if (result.status !== 0) {
    throw new InstallError(
      "npm ci failed, see above. Fix: make the npm registry reachable and run the same command again.",
    );
  }
  writeFileSync(marker, lock);
}

/**
 * Looks for each package too: someone may have removed a part. Optional ones are there for some platforms only.
 * @param {string} marker
 * @param {string} lock
 * @param {string} lockText
 */
function isInstalled(marker, lock, lockText) {
  if (!existsSync(marker) || readFileSync(marker, "utf8") !== lock) return false;
  /** @type {[string, { optional?: boolean }][]} */
  const packages = Object.entries(JSON.parse(lockText).packages);
  return packages.every(
    ([path, { optional }]) => optional === true || existsSync(join(root, path)),
  );
}
