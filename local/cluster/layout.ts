import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

const defaultStateDir = "/var/lib/sightline";

/** Unix socket paths end at 107 bytes; the longest one below the state directory takes 47. */
const maxStateDirLength = 60;

/** Where the embedded cluster keeps each thing. */
export interface ClusterLayout {
  readonly stateDir: string;
  readonly recordFile: string;
  readonly lockFile: string;
  readonly kubeconfig: string;
  readonly pki: string;
  readonly config: string;
  readonly logs: string;
  /** Sockets, pid files and containerd's run-time state: worthless after a reboot. */
  readonly run: string;
  readonly containerdSocket: string;
  readonly containerd: string;
  readonly cni: string;
  readonly etcd: string;
  readonly kubelet: string;
  readonly volumes: string;
  /** Mounted over /var/log/pods and /var/log/containers while the cluster is up. */
  readonly podLogs: string;
  readonly containerLogs: string;
  /** Queues and checkpoints of the platform's agents. */
  readonly agents: string;
  readonly images: string;
  /** A cgroup of the cluster's own: its daemons and pods are below it and nothing else is. */
  readonly cgroup: string;
}

/** The state directory that the environment asks for. */
export function stateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment["SIGHTLINE_STATE"] || defaultStateDir);
}

/** The layout below a state directory; two state directories share no path and no cgroup. */
export function layoutOf(stateDir: string): ClusterLayout {
  if (stateDir.length > maxStateDirLength || stateDir === "/") {
    throw new Error(
      `SIGHTLINE_STATE is ${stateDir}: a path of 2 to ${maxStateDirLength} characters is needed, ` +
        `because Unix sockets are made below it. Fix: set a shorter one, or unset it for ${defaultStateDir}`,
    );
  }
  const below = (...names: string[]): string => join(stateDir, ...names);
  return {
    stateDir,
    recordFile: below("cluster.json"),
    lockFile: below("lock"),
    kubeconfig: below("kubeconfig"),
    pki: below("pki"),
    config: below("config"),
    logs: below("logs"),
    run: below("run"),
    containerdSocket: below("run", "containerd.sock"),
    containerd: below("containerd"),
    cni: below("cni"),
    etcd: below("etcd"),
    kubelet: below("kubelet"),
    volumes: below("volumes"),
    podLogs: below("pod-logs"),
    containerLogs: below("container-logs"),
    agents: below("agents"),
    images: below("images"),
    cgroup: stateDir === defaultStateDir ? "sightline" : `sightline-${shortHash(stateDir)}`,
  };
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
