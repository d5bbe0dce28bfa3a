import { mkdirSync, readFileSync } from "node:fs";
import { run, sleep } from "./processes.ts";

/** The mount points at or below a path, in the order they were mounted. */
export function mountsBelow(path: string, mountInfo = readMountInfo()): string[] {
  return mountInfo
    .split("\n")
    .flatMap((line) => {
      const point = line.split(" ")[4];
      return point === undefined ? [] : [unescapeOctal(point)];
    })
    .filter((point) => point === path || point.startsWith(`${path}/`));
}

/** Shows `source` at `target` as well, unless it already does. */
export async function ensureBindMount(source: string, target: string, mode: number): Promise<void> {
  mkdirSync(source, { recursive: true, mode });
  mkdirSync(target, { recursive: true, mode });
  if (!mountsBelow(target).includes(target)) await run("mount", ["--bind", source, target]);
}

/**
 * Unmounts everything at or below a path, last first. What is still in use is detached, which takes
 * it out of sight at once and ends it when its last user does.
 */
export async function unmountBelow(path: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const points = mountsBelow(path).reverse();
    if (points.length === 0) return;
    for (const point of points) {
      const plain = await run("umount", [point], { allowFailure: true });
      if (plain.exitCode !== 0) await run("umount", ["--lazy", point], { allowFailure: true });
    }
    if (attempt > 0) await sleep(500);
  }
  const left = mountsBelow(path);
  if (left.length > 0) {
    throw new Error(
      `cannot unmount ${left.join(", ")}. Fix: find the user with "fuser -vm ${left[0] ?? path}", end it, run it again`,
    );
  }
}

function readMountInfo(): string {
  return readFileSync("/proc/self/mountinfo", "utf8");
}

/** The kernel writes blanks in paths as octal numbers. */
function unescapeOctal(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
