import type { ClusterLayout } from "./layout.ts";
import type { ClusterRecord } from "./record.ts";

/** Takes the lines that a person follows the work by. */
export type Log = (line: string) => void;

/** The path of each built program, or a function that finds one. */
export type Tools =
  Readonly<Record<string, string>> | ((name: ToolName) => string | Promise<string>);

/** The programs that the cluster needs and Debian does not have. */
export const toolNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
  "kube-router",
  "coredns",
  "pause",
] as const;
export type ToolName = (typeof toolNames)[number];

/** A running embedded cluster, as its users see it. */
export interface Cluster {
  readonly kubeconfigPath: string;
  readonly contextName: "sightline-local";
  readonly nodeIp: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly containerdSocket: string;
  readonly ctrNamespace: "k8s.io";
  readonly stateDir: string;
  /** NodePorts answer here and nowhere else. */
  readonly nodePortHost: "127.0.0.1";
  readonly apiServerPort: number;
  readonly kubeletPort: number;
}

/** The one node's name. */
export const nodeName = "sightline";

/** Describes the cluster that a record and a layout stand for. */
export function describeCluster(layout: ClusterLayout, record: ClusterRecord): Cluster {
  return {
    kubeconfigPath: layout.kubeconfig,
    contextName: "sightline-local",
    nodeIp: record.network.nodeIp,
    podCidr: record.network.podCidr,
    serviceCidr: record.network.serviceCidr,
    containerdSocket: layout.containerdSocket,
    ctrNamespace: "k8s.io",
    stateDir: layout.stateDir,
    nodePortHost: "127.0.0.1",
    apiServerPort: record.ports.apiServer,
    kubeletPort: record.ports.kubelet,
  };
}
