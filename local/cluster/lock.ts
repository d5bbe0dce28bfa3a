import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { processStart } from "./process-table.ts";
import { currentBootId } from "./record.ts";

interface LockHolder {
  readonly pid: number;
  readonly start: string;
  readonly bootId: string;
  readonly command: string;
}

/** Runs `work` while no other command works on the same cluster; a dead holder's lock is taken over. */
export async function withLock<T>(
  lockFile: string,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  acquire(lockFile, command);
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function acquire(lockFile: string, command: string): void {
  mkdirSync(dirname(lockFile), { recursive: true });
  const draft = `${lockFile}.${process.pid}`;
  const holder: LockHolder = {
    pid: process.pid,
    start: processStart(process.pid) ?? "",
    bootId: currentBootId(),
    command,
  };
  writeFileSync(draft, JSON.stringify(holder));
  try {
    // A hard link is made whole or not at all, and only if nobody has one.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        linkSync(draft, lockFile);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const other = readHolder(lockFile);
      if (other !== undefined && isAlive(other)) {
        throw new Error(
          `another command works on this cluster: "${other.command}", process ${other.pid}. ` +
            `Fix: wait until it ends, or end it with "kill ${other.pid}"`,
        );
      }
      rmSync(lockFile, { force: true });
    }
    throw new Error(`cannot take the lock ${lockFile}. Fix: delete it`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(lockFile: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")) as LockHolder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: LockHolder): boolean {
  return holder.bootId === currentBootId() && processStart(holder.pid) === holder.start;
}
