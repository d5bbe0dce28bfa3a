import { mkdirSync, rmSync } from "node:fs";
import { addons, applyAddons, clusterImages } from "./addons.ts";
import { ensureCgroup } from "./cgroups.ts";
import {
  describeCluster,
  toolNames,
  type Cluster,
  type Log,
  type ToolName,
  type Tools,
} from "./cluster.ts";
import { daemonNames, type DaemonName } from "./daemon-spec.ts";
import { daemonSpecs, portsOfDaemon } from "./daemons.ts";
import { hasLeftovers, takeApart } from "./down.ts";
import { checkDns, checkNode, healthChecks } from "./health.ts";
import { ensureHostNetwork, usedCidrs } from "./host-network.ts";
import { ensureHostTools, type HostTools } from "./host-tools.ts";
import { ensureImage } from "./images.ts";
import { kubeClient, type KubeClient } from "./kube-client.ts";
import { writeKubeconfigs } from "./kubeconfig.ts";
import { layoutOf, stateDirectory, type ClusterLayout } from "./layout.ts";
import { withLock } from "./lock.ts";
import { applySysctls, takeBaseline } from "./machine-baseline.ts";
import { ensureBindMount, unmountBelow } from "./mounts.ts";
import { chooseNetwork, choosePorts, networkConflict } from "./network-plan.ts";
import { writeNodeConfig } from "./node-config.ts";
import { ensurePki } from "./pki.ts";
import { preflight } from "./preflight.ts";
import { isExecutable } from "./processes.ts";
import { followProgress, together, type Progress } from "./progress.ts";
import {
  currentBootId,
  readRecord,
  writeRecord,
  type ClusterPorts,
  type ClusterRecord,
} from "./record.ts";
import { describeLog, ensureDaemon, isDaemonAlive, type DaemonOutcome } from "./supervision.ts";

export interface ClusterUpOptions {
  readonly log: Log;
  readonly tools: Tools;
  readonly stateDir?: string;
}

type Programs = Record<ToolName, string>;

/**
 * Brings the embedded cluster up: makes what is missing, keeps what runs, mends what died. Returns
 * once the node takes pods and DNS answers.
 */
export async function clusterUp(options: ClusterUpOptions): Promise<Cluster> {
  const layout = layoutOf(options.stateDir ?? stateDirectory());
  await preflight(layout);
  return withLock(layout.lockFile, "up", async () => {
    const programs = await resolveTools(options.tools);
    const host = await ensureHostTools(options.log);
    const record = await prepareMachine(layout, programs, options.log);
    await prepareFiles(layout, record, host);
    await startEverything(layout, record, { ...programs, ...host }, options.log);
    return describeCluster(layout, record);
  });
}

async function resolveTools(tools: Tools): Promise<Programs> {
  const found: Partial<Programs> = {};
  for (const name of toolNames) {
    const path = typeof tools === "function" ? await tools(name) : tools[name];
    if (path === undefined || !isExecutable(path)) {
      const what = path === undefined ? "no path is given" : `${path} cannot be run`;
      throw new Error(`${what} for ${name}. Fix: build the tools first`);
    }
    found[name] = path;
  }
  return found as Programs;
}

/** What lies outside the state directory: cgroup, kernel settings, bridge, firewall, log mounts. */
async function prepareMachine(
  layout: ClusterLayout,
  programs: Programs,
  log: Log,
): Promise<ClusterRecord> {
  const known = readRecord(layout);
  if (known === undefined && (await hasLeftovers(layout))) {
    log("a cluster was here whose record is gone; its remains are removed first");
    await takeApart(layout, undefined);
  }
  const bootId = currentBootId();
  if (known?.bootId !== bootId) await forgetEarlierBoot(layout);
  mkdirSync(layout.run, { recursive: true, mode: 0o711 });
  const { ports, moved } = await choosePorts(known?.ports, portsInUse(layout));
  for (const line of moved) log(line);
  const used = await usedCidrs();
  const conflict = known === undefined ? undefined : networkConflict(known.network, used);
  if (conflict !== undefined) throw new Error(conflict);
  const record: ClusterRecord = {
    version: 1,
    network: known?.network ?? chooseNetwork(used),
    ports,
    baseline: known?.baseline ?? (await takeBaseline()),
    bootId,
    tools: programs,
  };
  // Written before the machine is touched, so that a killed run can be undone.
  writeRecord(layout, record);
  ensureCgroup(layout.cgroup);
  applySysctls();
  await ensureHostNetwork(record.network, layout);
  await ensureBindMount(layout.podLogs, "/var/log/pods", 0o750);
  await ensureBindMount(layout.containerLogs, "/var/log/containers", 0o755);
  return record;
}

/** Sockets and container states of an earlier boot only mislead. */
async function forgetEarlierBoot(layout: ClusterLayout): Promise<void> {
  await unmountBelow(layout.run);
  rmSync(layout.run, { recursive: true, force: true });
}

async function prepareFiles(
  layout: ClusterLayout,
  { network, ports }: ClusterRecord,
  host: HostTools,
): Promise<void> {
  await ensurePki(layout, network);
  writeKubeconfigs(layout, apiServerUrl(network.nodeIp, ports));
  writeNodeConfig({ layout, network, ports, cniPlugins: host.cniPlugins });
}

async function startEverything(
  layout: ClusterLayout,
  record: ClusterRecord,
  programs: Programs & HostTools,
  log: Log,
): Promise<void> {
  const started = Date.now();
  const { network, ports } = record;
  const client = kubeClient(layout, apiServerUrl(network.nodeIp, ports), "admin");
  const progress = followProgress(log);
  const specs = daemonSpecs({ layout, network, ports, programs });
  const checks = healthChecks(layout, ports, () => client);
  const outcomes = new Map<DaemonName, DaemonOutcome>();
  const ensure = async (name: DaemonName): Promise<void> => {
    const work = ensureDaemon(layout, specs[name], checks[name]);
    outcomes.set(name, await progress.during(name, work));
  };
  const store = { containerdSocket: layout.containerdSocket, ctrNamespace: "k8s.io" } as const;
  const images = async (): Promise<void> => {
    await ensure("containerd");
    await together(clusterImages(programs).map((image) => ensureImage(store, image)));
  };
  const controlPlane = async (): Promise<void> => {
    await ensure("etcd");
    await ensure("apiserver");
  };
  try {
    await together([progress.during("images", images()), controlPlane()]);
    await together([
      ...(["controller-manager", "scheduler", "kubelet", "proxy"] as const).map(ensure),
      progress.until("permissions", 60, () => applyAddons(client, addons(network))),
    ]);
    await waitForPods(layout, client, progress, ensure);
  } finally {
    progress.stop();
    client.close();
  }
  log(summary(outcomes, (Date.now() - started) / 1000));
}

async function waitForPods(
  layout: ClusterLayout,
  client: KubeClient,
  progress: Progress,
  ensure: (name: DaemonName) => Promise<void>,
): Promise<void> {
  await together([
    ensure("volume-provisioner"),
    progress
      .until("node", 60, () => checkNode(client))
      // kube-router ends when it finds no node of its name.
      .then(() => ensure("network-policies"))
      .then(() => progress.until("dns", 120, () => checkDns(client)))
      .catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${reason}\n${describeLog(layout, "kubelet")}`, { cause });
      }),
  ]);
}

/** Names what was started, or says that everything ran. */
export function summary(outcomes: ReadonlyMap<DaemonName, DaemonOutcome>, seconds: number): string {
  const took = `${seconds.toFixed(1)} s`;
  const names = daemonNames.filter((name) => outcomes.get(name) !== "kept");
  if (names.length === 0) return `the cluster runs already (checked in ${took})`;
  const everything = names.length === daemonNames.length ? " · dns" : "";
  const again = everything === "" ? "started again: " : "";
  return `${again}${names.join(" · ")}${everything} ready in ${took}`;
}

function portsInUse(layout: ClusterLayout): Set<keyof ClusterPorts> {
  return new Set(
    daemonNames
      .filter((name) => isDaemonAlive(layout, name))
      .flatMap((name) => portsOfDaemon[name] ?? []),
  );
}

function apiServerUrl(nodeIp: string, ports: ClusterPorts): string {
  return `https://${nodeIp}:${ports.apiServer}`;
}
