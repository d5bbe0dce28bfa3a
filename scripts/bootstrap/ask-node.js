import { spawnSync } from "node:child_process";
import { reasonOf } from "./context.js";

/**
 * Asks a program for its version and for the binary behind it: a version manager's may be a go-between.
 * @param {string} path
 * @returns {{ version?: string, real?: string, problem?: string }}
 */
export function askNode(path) {
  const question = "process.versions.node + ' ' + process.execPath";
  const env = { ...process.env, NODE_OPTIONS: "" };
  const answer = spawnSync(path, ["-p", question], { encoding: "utf8", timeout: 10_000, env });
  if (answer.error !== undefined) {
    return { problem: `cannot be started (${reasonOf(answer.error)})` };
  }
  const [, version, real] = /^(\d+\.\d+\.\d+) (.+)$/m.exec(answer.stdout) ?? [];
  if (answer.status === 0 && version !== undefined && real !== undefined) return { version, real };
  const said = answer.stderr.trim().split("\n")[0] ?? "";
  return { problem: `does not run${said === "" ? "" : ` (${said})`}` };
}
