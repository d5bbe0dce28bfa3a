import type { ClusterLayout } from "./layout.ts";
import type { ClusterNetwork, ClusterPorts } from "./record.ts";

/** How a daemon is started. */
export interface DaemonSpec {
  readonly name: DaemonName;
  readonly executable: string;
  readonly args: readonly string[];
  /** Files whose content it reads once, at its start. */
  readonly files: readonly string[];
}

/** In the order in which they depend on each other; stopped the other way round. */
export const daemonNames = [
  "containerd",
  "etcd",
  "apiserver",
  "controller-manager",
  "scheduler",
  "kubelet",
  "proxy",
  "network-policies",
  "volume-provisioner",
] as const;
export type DaemonName = (typeof daemonNames)[number];

/** The executables that the daemons run. */
export interface DaemonPrograms {
  readonly containerd: string;
  readonly etcd: string;
  readonly "kube-apiserver": string;
  readonly "kube-controller-manager": string;
  readonly "kube-scheduler": string;
  readonly "kube-proxy": string;
  readonly "kube-router": string;
  readonly kubelet: string;
}

export interface DaemonSettings {
  readonly layout: ClusterLayout;
  readonly network: ClusterNetwork;
  readonly ports: ClusterPorts;
  readonly programs: DaemonPrograms;
}
