import { existsSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firewallTables } from "./firewall.ts";
import type { MachineBaseline } from "./record.ts";

/** Kernel settings that the cluster needs, set by this program. */
const wantedSysctls: Readonly<Record<string, number>> = {
  "net/ipv4/ip_forward": 1,
  // Packets between two pods on the bridge must meet the network policies too.
  "net/bridge/bridge-nf-call-iptables": 1,
  // Each container's log is watched; the usual 128 watchers run out at about forty pods.
  "fs/inotify/max_user_instances": 8192,
  "fs/inotify/max_user_watches": 524288,
};

/** Kernel settings that kubelet and kube-proxy change on their own. */
const sysctlsOfDaemons = [
  "net/ipv4/conf/all/route_localnet",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
] as const;

/** Directories whose place is fixed in containerd, the CNI library, kubelet or the iptables command. */
const fixedDirectories = [
  "/run/containerd",
  "/run/containerd/s",
  "/run/netns",
  "/var/lib/cni",
  "/var/lib/cni/results",
  "/var/lib/kubelet",
  "/var/lib/kubelet/device-plugins",
  "/var/log/containers",
  "/var/log/pods",
  "/var/run/kubernetes",
  "/var/lib/containerd",
  "/opt/containerd",
  "/opt/cni",
  "/etc/cni",
] as const;

/** Files left in these directories by a killed daemon, which nobody else would have made. */
const fixedFiles = ["/var/lib/kubelet/device-plugins/kubelet.sock", "/run/xtables.lock"] as const;

/** Notes what `up` is going to change. */
export async function takeBaseline(): Promise<MachineBaseline> {
  const sysctls: Record<string, string> = {};
  for (const name of [...Object.keys(wantedSysctls), ...sysctlsOfDaemons]) {
    const value = readSysctl(name);
    if (value !== undefined) sysctls[name] = value;
  }
  return {
    sysctls,
    absentPaths: [...fixedDirectories, ...fixedFiles].filter((path) => !existsSync(path)),
    firewallTables: await firewallTables(),
  };
}

/** Sets what the cluster needs of the kernel; a limit that is higher already stays. */
export function applySysctls(): void {
  for (const [name, value] of Object.entries(wantedSysctls)) {
    if (Number(readSysctl(name) ?? 0) < value) writeSysctl(name, String(value));
  }
}

/** Puts the kernel settings back. */
export function restoreSysctls(baseline: MachineBaseline): void {
  for (const [name, value] of Object.entries(baseline.sysctls)) {
    if (readSysctl(name) !== value) writeSysctl(name, value);
  }
}

/**
 * Removes the directories that were not there before, as far as they are empty: what another program
 * has put there meanwhile stays.
 */
export function removeFixedPaths(baseline: MachineBaseline): void {
  for (const path of fixedFiles) {
    const parentWasAbsent = baseline.absentPaths.some((absent) => path.startsWith(`${absent}/`));
    if (parentWasAbsent || baseline.absentPaths.includes(path)) rmSync(path, { force: true });
  }
  for (const path of baseline.absentPaths) {
    if (fixedDirectories.some((directory) => directory === path)) removeEmptyTree(path);
  }
}

function removeEmptyTree(path: string): void {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isDirectory()) removeEmptyTree(join(path, entry.name));
  }
  if (readdirSync(path).length === 0) rmdirSync(path);
}

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function writeSysctl(name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/${name}`, value);
  } catch (cause) {
    throw new Error(
      `cannot set the kernel's ${name} to ${value}. Fix: run as root on a machine (or in a container) that may change it`,
      { cause },
    );
  }
}
