import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectName } from "../config/stack-keys.ts";

/** What the engine writes into a lock. */
interface LockHolder {
  readonly pid: number;
}

/**
 * Frees a stack whose run was killed: its lock stays behind, and the engine refuses every later run. A lock whose
 * process lives is somebody's work, and is left alone with a message.
 */
export function removeStaleLocks(
  backendDir: string,
  stack: string,
  isAlive: (pid: number) => boolean = processLives,
): void {
  const folder = join(backendDir, ".pulumi", "locks", "organization", projectName, stack);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder.pid)) {
      throw new Error(
        `stack ${stack} is being worked on by process ${holder.pid}. Fix: wait until it ends (\`ps -p ${holder.pid}\`), or end it`,
      );
    }
    rmSync(path);
  }
}

/** Undefined for a lock that was cut short while it was written: its writer is gone. */
function readHolder(path: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Partial<LockHolder>;
    return typeof holder.pid === "number" ? { pid: holder.pid } : undefined;
  } catch {
    return undefined;
  }
}

function processLives(pid: number): boolean {
  // A recycled id may belong to anybody: only a Pulumi can hold a lock.
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) && readFileSync(file, "utf8").includes("pulumi");
}
