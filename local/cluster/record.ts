import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ClusterLayout } from "./layout.ts";

/** The subnets of the cluster, chosen once so that they meet no route of the machine. */
export interface ClusterNetwork {
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The pod bridge's own address: pods, kubelet and API server meet there. */
  readonly nodeIp: string;
  /** First address of the service range: `kubernetes.default`. */
  readonly apiServiceIp: string;
  readonly dnsServiceIp: string;
}

/** Every port that a daemon listens on. */
export interface ClusterPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly etcdMetrics: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly kubelet: number;
  readonly kubeletHealth: number;
  readonly proxyHealth: number;
  readonly proxyMetrics: number;
}

/** What the machine looked like before the first `up`, so that `down` can put it back. */
export interface MachineBaseline {
  /** Kernel settings by their path below /proc/sys. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Well-known directories that were not there. */
  readonly absentPaths: readonly string[];
  /** iptables tables that were there, by command. */
  readonly firewallTables: Readonly<Record<string, readonly string[]>>;
}

/** What one cluster remembers between commands. */
export interface ClusterRecord {
  readonly version: 1;
  readonly network: ClusterNetwork;
  readonly ports: ClusterPorts;
  readonly baseline: MachineBaseline;
  /** The boot that the cluster last ran in; in another one nothing of it can be running. */
  readonly bootId: string;
  readonly tools: Readonly<Record<string, string>>;
}

/** Reads the record; undefined when this state directory never held a cluster. */
export function readRecord(layout: ClusterLayout): ClusterRecord | undefined {
  let text: string;
  try {
    text = readFileSync(layout.recordFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const record = parseRecord(text);
  if (record?.version !== 1) {
    throw new Error(
      `${layout.recordFile} is damaged or of another version, so what the cluster changed on this machine is not known. ` +
        'Fix: run "npm run local:down", then start it again',
    );
  }
  return record;
}

/** Writes the record whole or not at all: a killed run leaves the old one. */
export function writeRecord(layout: ClusterLayout, record: ClusterRecord): void {
  writeFileWhole(layout.recordFile, `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
}

/** Replaces a file by renaming, so that no reader sees a half of it. */
export function writeFileWhole(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

/** This boot's identity. */
export function currentBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function parseRecord(text: string): ClusterRecord | undefined {
  try {
    return JSON.parse(text) as ClusterRecord;
  } catch {
    return undefined;
  }
}
