import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "./cluster.ts";
import { findProgram, isExecutable, run } from "./processes.ts";

/** Programs that every Linux distribution packages, and Debian's package of each. */
const packagedPrograms = {
  etcd: "etcd-server",
  containerd: "containerd",
  "containerd-shim-runc-v2": "containerd",
  ctr: "containerd",
  runc: "runc",
  ip: "iproute2",
  iptables: "iptables",
  "iptables-save": "iptables",
  "iptables-restore": "iptables",
  ipset: "ipset",
  // Removes the tables that the nft variant of iptables leaves behind.
  nft: "nftables",
  mount: "mount",
  // Not of the cluster: the balancer's image is made from it.
  haproxy: "haproxy",
  // For an image with a shell, of which the platform needs a folder's owner changed.
  busybox: "busybox-static",
} as const;

export type PackagedProgram = keyof typeof packagedPrograms;

const cniPackage = "containernetworking-plugins";
const cniPlugins = ["bridge", "host-local", "loopback", "portmap"] as const;
const cniDirectories = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"] as const;

const policyFile = "/usr/sbin/policy-rc.d";

/** What the cluster uses of the machine's own programs. */
export interface HostTools {
  readonly containerd: string;
  readonly etcd: string;
  /** The directory of the CNI plugins. */
  readonly cniPlugins: string;
}

/** The Debian packages whose programs the machine lacks. */
export function missingPackages(): string[] {
  const missing = Object.entries(packagedPrograms)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name as string);
  if (findCniPlugins() === undefined) missing.push(cniPackage);
  return [...new Set(missing)];
}

/** Whether packages can be installed here. */
export function hasApt(): boolean {
  return findProgram("apt-get") !== undefined;
}

/** Finds the machine's programs, after installing those that are missing. */
export async function ensureHostTools(log: Log): Promise<HostTools> {
  const missing = missingPackages();
  if (missing.length > 0) {
    log(`installing ${missing.join(", ")} with apt-get (they stay when the cluster goes)`);
    await installPackages(missing);
  }
  const [containerd, etcd, plugins] = [
    findProgram("containerd"),
    findProgram("etcd"),
    findCniPlugins(),
  ];
  const still = missingPackages();
  if (containerd === undefined || etcd === undefined || plugins === undefined || still.length > 0) {
    throw new Error(
      `programs of ${still.join(", ")} are still not on the PATH after the installation. ` +
        `Fix: see "dpkg -L ${still.join(" ")}"`,
    );
  }
  return { containerd, etcd, cniPlugins: plugins };
}

/** One of these programs, installed where it is missing. */
export async function ensureHostProgram(program: PackagedProgram, log: Log): Promise<string> {
  const name = packagedPrograms[program];
  if (findProgram(program) === undefined) {
    log(`installing ${name} with apt-get`);
    await installPackages([name]);
  }
  const found = findProgram(program);
  if (found !== undefined) return found;
  throw new Error(
    `${program} is still not on the PATH after the installation. Fix: see "dpkg -L ${name}"`,
  );
}

async function installPackages(packages: readonly string[]): Promise<void> {
  const restorePolicy = forbidServiceStarts();
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update", "-q"], { environment, timeoutSeconds: 300 });
    await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], {
      environment,
      timeoutSeconds: 600,
    });
    await disableServices(packages);
  } catch (cause) {
    throw new Error(
      `cannot install ${packages.join(", ")}. Fix: see that apt-get works ("apt-get install ${packages.join(" ")}"), or install these programs yourself`,
      { cause },
    );
  } finally {
    restorePolicy();
  }
}

/** Debian starts a service when its package is installed, unless this file says no (101). */
function forbidServiceStarts(): () => void {
  const before = existsSync(policyFile) ? readFileSync(policyFile) : undefined;
  writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => {
    if (before === undefined) rmSync(policyFile, { force: true });
    else writeFileSync(policyFile, before);
  };
}

/** The cluster runs its own; the packages' services must not come up at the next boot either. */
async function disableServices(packages: readonly string[]): Promise<void> {
  const services = [
    ...(packages.includes("etcd-server") ? ["etcd"] : []),
    ...(packages.includes("containerd") ? ["containerd"] : []),
    ...(packages.includes("haproxy") ? ["haproxy"] : []),
  ];
  if (services.length === 0 || findProgram("systemctl") === undefined) return;
  await run("systemctl", ["disable", ...services], { allowFailure: true });
}

function findCniPlugins(): string | undefined {
  return cniDirectories.find((directory) =>
    cniPlugins.every((plugin) => isExecutable(join(directory, plugin))),
  );
}
