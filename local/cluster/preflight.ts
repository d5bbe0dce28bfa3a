import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { platform, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { hasClusterRules } from "./firewall.ts";
import { bridgeName, bridgeOwner } from "./host-network.ts";
import { hasApt, missingPackages } from "./host-tools.ts";
import type { ClusterLayout } from "./layout.ts";
import { readRecord } from "./record.ts";
import { MissingProgramError, run } from "./processes.ts";

/** Images, their unpacked layers, etcd and some room for volumes. */
const minFreeGib = 10;
/** The daemons take one, the development stack about half of one; the rest is for what is watched. */
const minMemoryGib = 4;

/** What must be known of a machine to say whether the cluster can run on it. */
export interface MachineFacts {
  readonly platform: string;
  readonly userId: number;
  readonly stateDir: string;
  readonly freeGib: number;
  readonly memoryGib: number;
  readonly missingPackages: readonly string[];
  readonly hasApt: boolean;
  /** Kernel features that were tried and did not work, by name, with what the kernel said. */
  readonly missingKernelFeatures: Readonly<Record<string, string>>;
  /** The state directory of the cluster that is in this network namespace. */
  readonly bridgeOwner: string | undefined;
  /** Another Kubernetes' rules or kubelet are here. */
  readonly otherKubernetes: string | undefined;
}

/** What stands in the way, each with its fix; empty when nothing does. */
export function preflightProblems(facts: MachineFacts): string[] {
  const { platform: system, userId } = facts;
  if (system !== "linux") {
    return [
      `this is ${system}; the embedded cluster needs Linux. ` +
        "Fix: run it in a Linux machine, or name a kubeconfig context in the stack to use another cluster",
    ];
  }
  if (userId !== 0) {
    return ["the embedded cluster must be run by root. Fix: run it again with sudo"];
  }
  const problems: string[] = [];
  if (facts.freeGib < minFreeGib) {
    problems.push(
      `${facts.stateDir} has ${facts.freeGib.toFixed(1)} GiB free, ${minFreeGib} are needed. ` +
        "Fix: make room, or set SIGHTLINE_STATE to a directory on another disk",
    );
  }
  // A machine sold as one of 4 GiB shows a little less.
  if (facts.memoryGib < minMemoryGib * 0.9) {
    problems.push(
      `the machine has ${facts.memoryGib.toFixed(1)} GiB of memory, ${minMemoryGib} are needed. Fix: give it more`,
    );
  }
  if (facts.missingPackages.length > 0 && !facts.hasApt) {
    problems.push(
      `programs are missing and there is no apt-get to install them. ` +
        `Fix: install what Debian calls ${facts.missingPackages.join(", ")}`,
    );
  }
  for (const [feature, said] of Object.entries(facts.missingKernelFeatures)) {
    problems.push(`the kernel cannot do ${feature} here: ${said}. Fix: ${featureFix(feature)}`);
  }
  if (facts.bridgeOwner !== undefined && facts.bridgeOwner !== facts.stateDir) {
    problems.push(
      `another Sightline cluster, of ${facts.bridgeOwner}, is up on this machine (interface ${bridgeName}). ` +
        `Fix: take it down with "SIGHTLINE_STATE=${facts.bridgeOwner} npm run local:down", or use it`,
    );
  } else if (facts.otherKubernetes !== undefined) {
    problems.push(
      `another Kubernetes is on this machine: ${facts.otherKubernetes}; the two would undo each other's firewall rules. ` +
        "Fix: stop it, or name its kubeconfig context in the stack to use it instead",
    );
  }
  return problems;
}

/** Stops with every problem at once if the cluster cannot run here. */
export async function preflight(layout: ClusterLayout): Promise<void> {
  const problems = preflightProblems(await readMachineFacts(layout));
  if (problems.length === 0) return;
  throw new Error(
    `the embedded cluster cannot run here:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
  );
}

async function readMachineFacts(layout: ClusterLayout): Promise<MachineFacts> {
  const userId = process.getuid?.() ?? -1;
  const basics = {
    platform: platform(),
    userId,
    stateDir: layout.stateDir,
    memoryGib: totalmem() / 2 ** 30,
  };
  const unknown = {
    freeGib: Infinity,
    missingPackages: [],
    hasApt: true,
    missingKernelFeatures: {},
    bridgeOwner: undefined,
    otherKubernetes: undefined,
  };
  if (basics.platform !== "linux" || userId !== 0) return { ...basics, ...unknown };
  const packages = missingPackages();
  const hasIp = !packages.includes("iproute2");
  const isNew = readRecord(layout) === undefined;
  return {
    ...basics,
    freeGib: freeBytes(layout.stateDir) / 2 ** 30,
    missingPackages: packages,
    hasApt: hasApt(),
    missingKernelFeatures: isNew && hasIp ? await missingKernelFeatures(layout) : {},
    bridgeOwner: hasIp ? await bridgeOwner() : undefined,
    otherKubernetes: isNew ? await otherKubernetes() : undefined,
  };
}

/** What a cluster that is not ours leaves in sight. */
async function otherKubernetes(): Promise<string | undefined> {
  if (await hasClusterRules()) return "its KUBE- or CNI- firewall chains are there";
  return existsSync("/var/lib/kubelet/config.yaml") ? "it has a /var/lib/kubelet" : undefined;
}

/** Tries what containers need, and takes each try away again. */
async function missingKernelFeatures(layout: ClusterLayout): Promise<Record<string, string>> {
  await run("modprobe", ["-a", "overlay", "br_netfilter"], { allowFailure: true }).catch(
    () => undefined, // Kernels without modules have it built in, or the tries below tell.
  );
  const tries: Record<string, () => Promise<void>> = {
    overlayfs: () => tryOverlay(layout.stateDir),
    bridges: () => tryLink(["slprobe0", "type", "bridge"]),
    "veth pairs": () => tryLink(["slprobe0", "type", "veth", "peer", "name", "slprobe1"]),
    "filtering on bridges": () => tryBridgeFilter(),
    "network address translation": () => tryNat(),
  };
  const missing: Record<string, string> = {};
  for (const [feature, attempt] of Object.entries(tries)) {
    await attempt().catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      missing[feature] = text.split("\n")[0] ?? text;
    });
  }
  return missing;
}

async function tryOverlay(stateDir: string): Promise<void> {
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  const base = mkdtempSync(join(stateDir, "probe-"));
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => {
    mkdirSync(join(base, name));
    return join(base, name);
  }) as [string, string, string, string];
  try {
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    await run("mount", ["-t", "overlay", "overlay", "-o", options, merged]);
    await run("umount", [merged]);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

async function tryLink(definition: readonly string[]): Promise<void> {
  await run("ip", ["link", "delete", "slprobe0"], { allowFailure: true });
  await run("ip", ["link", "add", ...definition]);
  await run("ip", ["link", "delete", "slprobe0"]);
}

function tryBridgeFilter(): Promise<void> {
  readFileSync("/proc/sys/net/bridge/bridge-nf-call-iptables");
  return Promise.resolve();
}

/** A missing iptables is installed later; this asks only whether the kernel would take its rules. */
async function tryNat(): Promise<void> {
  try {
    await run("iptables", ["--wait", "10", "--table", "nat", "--list-rules"]);
  } catch (error) {
    if (!(error instanceof MissingProgramError)) throw error;
  }
}

function featureFix(feature: string): string {
  switch (feature) {
    case "overlayfs":
      return "set SIGHTLINE_STATE to a directory on ext4 or xfs (an overlay cannot lie on another overlay)";
    case "filtering on bridges":
      return 'load its module with "modprobe br_netfilter"';
    default:
      return "use a kernel that has it, as every distribution's own does";
  }
}

/** Free space of the disk that a directory is on, or will be. */
function freeBytes(path: string): number {
  if (!existsSync(path)) return freeBytes(dirname(path));
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
