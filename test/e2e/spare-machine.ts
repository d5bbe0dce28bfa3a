import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layoutOf } from "../../local/cluster/layout.ts";
import { run, type RunResult } from "../../local/process.ts";

/** Kernel settings that some part of the cluster changes. */
const watchedSysctls = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/bridge/bridge-nf-call-iptables",
  "net/netfilter/nf_conntrack_max",
  "fs/inotify/max_user_instances",
  "fs/inotify/max_user_watches",
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
];

/** What a machine can be compared by; `ls` lists names only, as times change by themselves. */
const snapshotCommands = [
  "iptables-save | grep -v '^#'",
  "ip6tables-save | grep -v '^#'",
  "nft list ruleset",
  "ipset list",
  "ip -oneline link",
  "ip -oneline address",
  "ip route show table all",
  "ip netns",
  "cat /proc/self/mounts",
  "ls -ARp /run /var/log /var/lib/cni /var/lib/kubelet /opt /etc/cni",
  `cd /proc/sys && grep -H . ${watchedSysctls.join(" ")}`,
];

/**
 * A network and mount namespace with nothing in it, so that a cluster can be broken and taken down
 * there while another one runs on the machine.
 */
export interface SpareMachine {
  readonly stateDir: string;
  /** Runs a program inside. */
  readonly inside: (program: string, args: readonly string[], input?: string) => Promise<RunResult>;
  /** All that a cluster may leave behind, as text. */
  readonly snapshot: () => Promise<string>;
  /** Processes, of the whole machine, whose command line names the state directory. */
  readonly processes: () => string[];
  readonly close: () => void;
}

/** Makes the namespaces; they end with `close`. */
export async function spareMachine(otherStateDir: string): Promise<SpareMachine> {
  const base = mkdtempSync(join(tmpdir(), "sl-"));
  const stateDir = join(base, "state");
  const holder = spawn("unshare", ["--net", "--mount", "sh", "-ec", enterScript(otherStateDir)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => {
      resolve();
    });
    holder.once("close", (code) => {
      reject(new Error(`the spare machine ended with ${String(code)}`));
    });
  });
  const target = ["--target", String(holder.pid), "--net", "--mount"];
  const inside: SpareMachine["inside"] = (program, args, input) =>
    run("nsenter", [...target, program, ...args], {
      env: { ...process.env, SIGHTLINE_STATE: stateDir },
      timeoutSeconds: 100,
      ...(input === undefined ? {} : { input }),
    });
  return {
    stateDir,
    inside,
    snapshot: async () => {
      // Another cluster's cgroups come and go with it.
      const cgroups = `ls -d /sys/fs/cgroup/${layoutOf(stateDir).cgroup} /sys/fs/cgroup/*/${layoutOf(stateDir).cgroup}`;
      const parts = [...snapshotCommands, cgroups].map(async (command) => {
        const { stdout } = await inside("sh", ["-c", `${command} 2>/dev/null`]);
        return `## ${command}\n${stdout}`;
      });
      return (await Promise.all(parts)).join("\n");
    },
    processes: () => commandLines().filter((line) => line.includes(stateDir)),
    close: () => {
      holder.kill("SIGKILL");
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Hides the other cluster's mounts and gives the directories of fixed place a fresh content. */
function enterScript(otherStateDir: string): string {
  return `
ip link set lo up
for point in $(grep -oE " (${otherStateDir}/|/var/log/(pods|containers))[^ ]*" /proc/self/mounts | tac); do
  umount --lazy "$point"
done
for directory in /run /var/log /var/lib/cni /var/lib/kubelet; do
  [ ! -d "$directory" ] || mount -t tmpfs tmpfs "$directory"
done
echo ready
exec sleep 3600`;
}

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    });
}
