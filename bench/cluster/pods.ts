import { nameLabel } from "../../config/labels.ts";
import { metricNames } from "../../config/metric-names.ts";
import { ports, type Workload } from "../../config/ports.ts";
import { mustRun } from "../../local/process.ts";
import { pause } from "../clock.ts";
import type { Log } from "../run.ts";
import { sum } from "../numbers.ts";
import { scrape, total, type Scrape } from "../scrape.ts";
import type { ProdStack } from "./prod-stack.ts";

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly ready: boolean;
  /** Of the collector in it, as containerd names it. */
  readonly containerId: string;
}

/** Workloads that are collectors. */
export type CollectorWorkload = "agent" | "gateway" | "sampler";

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly deletionTimestamp?: string;
    };
    readonly status: {
      readonly podIP?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      readonly containerStatuses?: readonly {
        readonly name: string;
        readonly containerID?: string;
      }[];
    };
  }[];
}

/** The pods of a workload, wherever they run; those that are about to go are left out. */
export async function podsOf(stack: ProdStack, workload: string): Promise<Pod[]> {
  const listed = await stack.kubectl(
    "get",
    "pods",
    "-A",
    "-l",
    `${nameLabel}=${workload}`,
    "-o",
    "json",
  );
  const { items } = JSON.parse(listed) as PodList;
  return items
    .filter(({ metadata }) => metadata.namespace.startsWith(stack.settings.namespace))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, status }) => ({
      name: metadata.name,
      namespace: metadata.namespace,
      ip: status.podIP ?? "",
      ready:
        status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ??
        false,
      containerId: (status.containerStatuses ?? [])
        .filter(({ name }) => name === "collector")
        .map(({ containerID = "" }) => containerID.replace(/^containerd:\/\//, ""))
        .join(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What each pod of a collector's workload says about itself. */
export async function scrapePods(
  stack: ProdStack,
  workload: CollectorWorkload,
): Promise<Map<string, Scrape>> {
  const pods = (await podsOf(stack, workload)).filter(({ ip }) => ip !== "");
  const scrapes = pods.map(async ({ name, ip }) => {
    // Every collector has its own metrics there.
    return [name, await scrape(`http://${ip}:${ports.gateway.metrics}/metrics`)] as const;
  });
  return new Map(await Promise.all(scrapes));
}

/** Records that wait in the queues of a workload's pods: of every exporter, or of one. */
export async function queuedRecords(
  stack: ProdStack,
  workload: CollectorWorkload,
  exporter?: string,
): Promise<number> {
  const labels = exporter === undefined ? {} : { exporter };
  const scrapes = await scrapePods(stack, workload);
  return sum(
    [...scrapes.values()].map((one) => total(one, metricNames.collector.queueSize, labels)),
  );
}

/** Kills a pod's main process with -9: nothing is flushed, and the kubelet starts it again on the same volume. */
export async function killContainer(
  stack: ProdStack,
  { name, containerId }: Pod,
  log: Log,
): Promise<void> {
  log(`killing ${name} with -9`);
  const { containerdSocket, ctrNamespace } = stack.machine.cluster;
  const ctr = ["--address", containerdSocket, "--namespace", ctrNamespace];
  await mustRun("ctr", [...ctr, "tasks", "kill", "--signal", "SIGKILL", containerId]);
}

/** Deletes a pod, as a rolling update does to each in turn. */
export async function deletePod(
  stack: ProdStack,
  { name, namespace }: Pod,
  log: Log,
): Promise<void> {
  log(`deleting ${name}`);
  await stack.kubectl("delete", "pod", name, "-n", namespace, "--wait=false");
}

export async function scale(
  stack: ProdStack,
  workload: Workload,
  replicas: number,
  log: Log,
): Promise<void> {
  log(`scaling ${workload} to ${replicas}`);
  const set = `statefulset/${workload}`;
  await stack.kubectl("scale", set, "-n", stack.settings.namespace, `--replicas=${replicas}`);
}

/** Waits until exactly so many pods are there, all ready. */
export async function untilReady(
  stack: ProdStack,
  workload: Workload,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const pods = await podsOf(stack, workload);
    if (pods.length === replicas && pods.every(({ ready }) => ready)) return;
    if (Date.now() > deadline)
      throw new Error(`${workload} has not ${replicas} ready pods after 5 min`);
    await pause(1_000, signal);
  }
}
