import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sleep } from "./processes.ts";

const unifiedRoot = "/sys/fs/cgroup";
const kubeletControllers: readonly string[] = ["cpu", "cpuset", "hugetlb", "io", "memory", "pids"];

/**
 * The roots of the machine's cgroup trees: one on version 2, one a controller on version 1. Trees
 * without controllers (systemd's, the unified one beside version 1) are part of it, as runc uses them too.
 */
export function cgroupRoots(mounts = readFileSync("/proc/self/mounts", "utf8")): string[] {
  if (isUnified()) return [unifiedRoot];
  return mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => fields[2] === "cgroup" || fields[2] === "cgroup2")
    .flatMap((fields) => (fields[1] === undefined ? [] : [fields[1]]));
}

/** Whether the machine has cgroups of version 2 alone. */
function isUnified(): boolean {
  return existsSync(join(unifiedRoot, "cgroup.controllers"));
}

/** Makes the cluster's cgroup and the one of its daemons below it. */
export function ensureCgroup(name: string): void {
  for (const root of cgroupRoots()) {
    enableControllers(root);
    for (const path of [join(root, name), join(root, name, "daemons")]) {
      mkdirSync(path, { recursive: true });
      if (!path.endsWith("/daemons")) enableControllers(path);
      inheritCpuset(path);
    }
  }
}

/** Moves a process, and so what it starts from then on, among the cluster's daemons. */
export function joinDaemons(name: string, pid: number): void {
  for (const root of cgroupRoots()) {
    writeFileSync(join(root, name, "daemons", "cgroup.procs"), String(pid));
  }
}

/** Every process of the cluster: daemons, container shims, containers. */
export function clusterProcesses(name: string, subtree = ""): number[] {
  const pids = new Set<number>();
  for (const root of cgroupRoots()) {
    for (const path of cgroupsBelow(join(root, name, subtree))) {
      for (const line of readLines(join(path, "cgroup.procs"))) pids.add(Number(line));
    }
  }
  return [...pids];
}

/** Ends every process of the cluster at once; what these fork meanwhile is met by the next round. */
export async function killCluster(name: string, timeoutSeconds = 20): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const pids = clusterProcesses(name);
    if (pids.length === 0) return;
    if (Date.now() > deadline) {
      throw new Error(
        `processes ${pids.join(", ")} do not end. Fix: see "ps -o pid,stat,wchan,args ${pids.join(" ")}"; ` +
          "one in state D waits for a disk or a mount; restart the machine if that never ends",
      );
    }
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended in the meantime.
      }
    }
    await sleep(50);
  }
}

/** Removes the cluster's cgroups, deepest first; they must hold no process any more. */
export async function removeCgroup(name: string): Promise<void> {
  for (const root of cgroupRoots()) {
    for (const path of cgroupsBelow(join(root, name)).reverse()) await removeEmptyCgroup(path);
  }
}

/** A cgroup stays busy for a moment after its last process. */
async function removeEmptyCgroup(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT") return;
      if (code !== "EBUSY" || attempt === 40) throw error;
      await sleep(50);
    }
  }
}

function cgroupsBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  const children = readdirSync(path, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [path, ...children.flatMap((entry) => cgroupsBelow(join(path, entry.name)))];
}

/** Version 2 hands a controller to children only where the parent says so; the kubelet wants all of these. */
function enableControllers(path: string): void {
  if (!isUnified()) return;
  const available = readLines(join(path, "cgroup.controllers"))[0]?.split(" ") ?? [];
  const wanted = available.filter((name) => kubeletControllers.includes(name));
  try {
    const text = wanted.map((name) => `+${name}`).join(" ");
    writeFileSync(join(path, "cgroup.subtree_control"), text);
  } catch (cause) {
    throw new Error(
      `cannot hand ${wanted.join(", ")} to the cgroups below ${path}. ` +
        "Fix: run it on the machine itself, not in a container, whose top cgroup holds processes",
      { cause },
    );
  }
}

/** Version 1: no process may enter a cpuset that has no CPUs or memory nodes yet. */
function inheritCpuset(path: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const target = join(path, file);
    if (existsSync(join(path, "cgroup.controllers")) || !existsSync(target)) continue;
    if (readLines(target).length > 0) continue;
    writeFileSync(target, readLines(join(path, "..", file))[0] ?? "0");
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
