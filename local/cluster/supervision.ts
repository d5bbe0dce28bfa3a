import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { clusterProcesses, joinDaemons } from "./cgroups.ts";
import type { DaemonName, DaemonSpec } from "./daemon-spec.ts";
import { specHash } from "./daemons.ts";
import type { ClusterLayout } from "./layout.ts";
import { processArguments, processExecutable, processStart } from "./process-table.ts";
import { hostEnvironment, sleep } from "./processes.ts";
import { currentBootId, writeFileWhole } from "./record.ts";

/** Tells a daemon's process from a later one that was given the same id. */
interface PidRecord {
  readonly pid: number;
  readonly start: string;
  readonly bootId: string;
  readonly specHash: string;
}

/** Throws with the reason while the daemon does not do its work. */
export type HealthCheck = () => Promise<void>;

export type DaemonOutcome = "kept" | "started" | "restarted";

const maxLogBytes = 20 * 1024 * 1024;
const startTimeoutSeconds = 90;
/** A running daemon may be slow for a moment, under load or right after another one's restart. */
const patienceSeconds = 20;

/** Makes sure that a daemon runs as its spec says and is healthy. */
export async function ensureDaemon(
  layout: ClusterLayout,
  spec: DaemonSpec,
  check: HealthCheck,
): Promise<DaemonOutcome> {
  const hash = specHash(spec);
  const running = livingRecord(layout, spec.name);
  if (running?.specHash === hash) {
    const reason = await waitHealthy(check, patienceSeconds, () => isAlive(running));
    if (reason === undefined) return "kept";
  }
  if (running !== undefined) await stopDaemon(layout, spec.name);
  await endStrays(layout, spec);
  const started = startDaemon(layout, spec, hash);
  const reason = await waitHealthy(check, startTimeoutSeconds, () => isAlive(started));
  if (reason === undefined) return running === undefined ? "started" : "restarted";
  const what = isAlive(started)
    ? `was not ready within ${startTimeoutSeconds} s: ${reason}`
    : "ended right after its start";
  throw new Error(`${spec.name} ${what}\n${describeLog(layout, spec.name)}`);
}

/** Whether the daemon's process runs; what it runs may be an older spec. */
export function isDaemonAlive(layout: ClusterLayout, name: DaemonName): boolean {
  return livingRecord(layout, name) !== undefined;
}

/** The id of the daemon's process, if it runs. */
export function daemonPid(layout: ClusterLayout, name: DaemonName): number | undefined {
  return livingRecord(layout, name)?.pid;
}

/** Asks a daemon to end, and ends it if it does not. Does nothing if it does not run. */
export async function stopDaemon(
  layout: ClusterLayout,
  name: DaemonName,
  graceSeconds = 5,
): Promise<void> {
  const record = livingRecord(layout, name);
  if (record !== undefined) await endProcess(record.pid, graceSeconds);
  rmSync(pidFile(layout, name), { force: true });
}

/** The daemon's log. */
export function logFile(layout: ClusterLayout, name: DaemonName): string {
  return join(layout.logs, `${name}.log`);
}

/** The end of a daemon's log, with its path. */
export function describeLog(layout: ClusterLayout, name: DaemonName, lines = 15): string {
  const path = logFile(layout, name);
  try {
    const tail = readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines);
    return [`the end of ${path}:`, ...tail.map((line) => `  ${line.slice(0, 400)}`)].join("\n");
  } catch {
    return `${path} cannot be read`;
  }
}

function startDaemon(layout: ClusterLayout, spec: DaemonSpec, hash: string): PidRecord {
  const log = openLog(logFile(layout, spec.name));
  const child = spawn(spec.executable, spec.args, {
    cwd: "/",
    detached: true,
    env: { ...hostEnvironment, NODE_NAME: "sightline" },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  // A program that cannot be run at all is told apart below, by its missing pid.
  child.on("error", () => undefined);
  if (child.pid === undefined) {
    throw new Error(`${spec.executable} cannot be run. Fix: see that it is there and executable`);
  }
  joinDaemons(layout.cgroup, child.pid);
  child.unref();
  const record: PidRecord = {
    pid: child.pid,
    start: processStart(child.pid) ?? "",
    bootId: currentBootId(),
    specHash: hash,
  };
  writeFileWhole(pidFile(layout, spec.name), JSON.stringify(record), 0o644);
  return record;
}

/** A run that was killed between starting a daemon and noting it leaves one that no pid file knows. */
async function endStrays(layout: ClusterLayout, spec: DaemonSpec): Promise<void> {
  const executable = realpathSync(spec.executable);
  const strays = clusterProcesses(layout.cgroup, "daemons").filter(
    (pid) =>
      processExecutable(pid) === executable && processArguments(pid).includes(spec.args[0] ?? ""),
  );
  for (const pid of strays) await endProcess(pid, 2);
}

async function endProcess(pid: number, graceSeconds: number): Promise<void> {
  const start = processStart(pid);
  const isGone = (): boolean => start === undefined || processStart(pid) !== start;
  const deadline = Date.now() + graceSeconds * 1000;
  signal(pid, "SIGTERM");
  while (!isGone() && Date.now() < deadline) await sleep(30);
  if (isGone()) return;
  signal(pid, "SIGKILL");
  while (!isGone()) await sleep(10);
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Returns the last reason when the time is over or the process has ended. */
async function waitHealthy(
  check: HealthCheck,
  seconds: number,
  isRunning: () => boolean,
): Promise<string | undefined> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    let reason: string;
    try {
      await check();
      return undefined;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (!isRunning() || Date.now() > deadline) return reason;
    await sleep(100);
  }
}

function livingRecord(layout: ClusterLayout, name: DaemonName): PidRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(pidFile(layout, name), "utf8")) as PidRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(record: PidRecord): boolean {
  return record.bootId === currentBootId() && processStart(record.pid) === record.start;
}

function pidFile(layout: ClusterLayout, name: DaemonName): string {
  return join(layout.run, `${name}.pid`);
}

function openLog(path: string): number {
  mkdirSync(join(path, ".."), { recursive: true });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o640);
}
