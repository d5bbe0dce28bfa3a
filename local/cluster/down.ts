import { existsSync, readdirSync, readFileSync, rmSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cgroupRoots, killCluster, removeCgroup } from "./cgroups.ts";
import type { Log } from "./cluster.ts";
import { restoreFirewall } from "./firewall.ts";
import { bridgeOwner, removeHostNetwork } from "./host-network.ts";
import { layoutOf, stateDirectory, type ClusterLayout } from "./layout.ts";
import { withLock } from "./lock.ts";
import { removeFixedPaths, restoreSysctls } from "./machine-baseline.ts";
import { mountsBelow, unmountBelow } from "./mounts.ts";
import { MissingProgramError } from "./processes.ts";
import { readRecord, type ClusterRecord } from "./record.ts";

export interface ClusterDownOptions {
  readonly log: Log;
  readonly stateDir?: string;
}

/** Removes every process, mount, interface, firewall rule and file of the cluster, also of a half-dead one. */
export async function clusterDown({ log, stateDir }: ClusterDownOptions): Promise<void> {
  const layout = layoutOf(stateDir ?? stateDirectory());
  if (process.getuid?.() !== 0) {
    throw new Error("the embedded cluster is root's. Fix: run it again with sudo");
  }
  if (!existsSync(layout.recordFile) && !(await hasLeftovers(layout))) {
    log(`no cluster of ${layout.stateDir} is here`);
    return;
  }
  const started = Date.now();
  await withLock(layout.lockFile, "down", async () => {
    await takeApart(layout, readableRecord(layout, log));
  });
  removeIfEmpty(layout.stateDir);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  log(`the cluster is gone (${seconds} s); Debian's packages and the built tools stay`);
}

/** Whether anything of a cluster of this state directory runs, with or without its record. */
export async function hasLeftovers(layout: ClusterLayout): Promise<boolean> {
  if (cgroupRoots().some((root) => existsSync(join(root, layout.cgroup)))) return true;
  return (await networkOwner()) === layout.stateDir;
}

/** Takes everything of the cluster off the machine; each step does nothing where nothing is left. */
export async function takeApart(
  layout: ClusterLayout,
  record: ClusterRecord | undefined,
): Promise<void> {
  // All data goes with the cluster, so there is nothing that a slow, orderly end would save.
  await killCluster(layout.cgroup);
  const sockets = shimSockets(layout);
  for (const [source, target] of logMounts(layout)) {
    if (isSameDirectory(source, target)) await unmountBelow(target);
  }
  for (const path of ownPaths(layout)) await unmountBelow(path);
  const owner = await networkOwner();
  if (owner === undefined || owner === layout.stateDir) {
    await restoreFirewall(record?.baseline.firewallTables ?? {});
    await removeHostNetwork(layout.run);
  }
  await removeCgroup(layout.cgroup);
  for (const socket of sockets) rmSync(socket, { force: true });
  if (record !== undefined) {
    removeFixedPaths(record.baseline);
    restoreSysctls(record.baseline);
  }
  for (const path of ownPaths(layout)) removeTree(path);
  rmSync(layout.kubeconfig, { force: true });
  // Last: until here a killed `down` can be run again.
  rmSync(layout.recordFile, { force: true });
}

function ownPaths(layout: ClusterLayout): string[] {
  const { run, kubelet, containerd, cni, etcd, volumes, podLogs, containerLogs } = layout;
  const { agents, pki, config, logs, images } = layout;
  return [
    run,
    kubelet,
    containerd,
    cni,
    etcd,
    volumes,
    podLogs,
    containerLogs,
    agents,
    pki,
    config,
    logs,
    images,
  ];
}

function logMounts(layout: ClusterLayout): [string, string][] {
  return [
    [layout.podLogs, "/var/log/pods"],
    [layout.containerLogs, "/var/log/containers"],
  ];
}

/** Deleting through a mount would delete what is mounted there, which may be anyone's. */
function removeTree(path: string): void {
  const mounts = mountsBelow(path);
  if (mounts.length > 0) throw new Error(`${mounts.join(", ")} is still mounted. Fix: unmount it`);
  rmSync(path, { recursive: true, force: true });
}

/** The address that each shim listens on, which a killed one leaves in containerd's common directory. */
function shimSockets(layout: ClusterLayout): string[] {
  const tasks = join(layout.run, "containerd", "io.containerd.runtime.v2.task", "k8s.io");
  return listDirectory(tasks).flatMap((id) => {
    try {
      const address = readFileSync(join(tasks, id, "address"), "utf8").trim();
      const path = address.replace(/^unix:\/\//, "");
      return path.startsWith("/run/containerd/s/") ? [path] : [];
    } catch {
      return [];
    }
  });
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function isSameDirectory(left: string, right: string): boolean {
  const [a, b] = [left, right].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function networkOwner(): Promise<string | undefined> {
  try {
    return await bridgeOwner();
  } catch (error) {
    if (error instanceof MissingProgramError) return undefined;
    throw error;
  }
}

/** A damaged record must not keep the rest from being removed. */
function readableRecord(layout: ClusterLayout, log: Log): ClusterRecord | undefined {
  try {
    return readRecord(layout);
  } catch {
    log(`${layout.recordFile} is damaged: kernel settings stay as they are until the next boot`);
    return undefined;
  }
}

function removeIfEmpty(path: string): void {
  if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
}
