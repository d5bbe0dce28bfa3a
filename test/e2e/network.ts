import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { nameLabel, partOf, partOfLabel } from "../../config/labels.ts";
import { namespaceOf } from "../../config/namespaces.ts";
import { ports, type Workload } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { deployedWorkloads, edges } from "../../config/topology.ts";
import { selectorLabels } from "../../kubernetes/labels.ts";
import { restrictedContainer, restrictedPod } from "../../kubernetes/security.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";

interface Target {
  readonly from: Workload;
  readonly to: Workload;
  readonly port: number;
}

const prober = (workload: Workload) => `probe-${workload}`;
export const connectTimeoutMs = 3_000;

/** Every TCP port of every workload, by whether the picture draws the way to it. */
function targets(settings: Settings, drawn: boolean): Target[] {
  const workloads = deployedWorkloads(settings);
  const drawnPorts = new Set(
    edges(settings).flatMap((edge) =>
      edge.ports.map((port) => `${edge.from} ${edge.to} ${port.number ?? ""}`),
    ),
  );
  return workloads.flatMap((from) =>
    workloads
      // Replicas may or may not talk to each other, but a workload's own port is no way to somebody else.
      .filter((to) => to !== from || drawn)
      .flatMap((to) => listeningPorts(settings, to).map((port) => ({ from, to, port })))
      .filter(({ to, port }) => drawnPorts.has(`${from} ${to} ${port}`) === drawn),
  );
}

/** The ports that somebody may reach: a single replica opens none for gossip. */
function listeningPorts(settings: Settings, workload: Workload): number[] {
  const inbound = edges(settings).filter((edge) => edge.to === workload);
  const drawn = inbound.flatMap((edge) => edge.ports.map((port) => port.number));
  return Object.values(ports[workload]).filter((port) => drawn.includes(port));
}

/**
 * A pod with a workload's labels is what a policy takes for that workload. It is never ready, so no Service sends to it, and it
 * belongs to the default policy, so no DaemonSet takes it for one of its own and ends it.
 */
async function proberManifest(settings: Settings, workload: Workload): Promise<unknown> {
  const namespace = namespaceOf(workload, settings.namespace);
  const get = [
    "get",
    "networkpolicy",
    "default",
    "-n",
    namespace,
    "-o",
    "jsonpath={.metadata.uid}",
  ];
  const owner = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", name: "default" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: prober(workload),
      namespace,
      labels: selectorLabels(workload),
      ownerReferences: [{ ...owner, uid: await kubectl(get), controller: true }],
    },
    spec: {
      readinessGates: [{ conditionType: "sightline.dev/never" }],
      automountServiceAccountToken: false,
      securityContext: restrictedPod(10001),
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "probe",
          image: inject("machine").helloImage,
          command: ["node", "-e", "setInterval(() => {}, 1e6)"],
          securityContext: restrictedContainer,
        },
      ],
    },
  };
}

/** The address of a replica that runs, of every workload. */
async function addresses(settings: Settings): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const workload of deployedWorkloads(settings)) {
    const selector = `${nameLabel}=${workload},${partOfLabel}=${partOf}`;
    const namespace = namespaceOf(workload, settings.namespace);
    const get = ["get", "pods", "-n", namespace, "-l", selector, "-o", "json"];
    const { items } = JSON.parse(await kubectl(get)) as { items: Pod[] };
    const pod = items.find(({ metadata }) => metadata.name !== prober(workload));
    if (pod === undefined) throw new Error(`no pod of ${workload} in ${namespace}`);
    found[workload] = pod.status.podIP;
  }
  return found;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly podIP: string };
}

async function connect(
  settings: Settings,
  from: Workload,
  list: readonly { readonly host: string; readonly port: number }[],
): Promise<Record<string, string>> {
  const script = `
    const net = require("node:net");
    const targets = JSON.parse(process.argv[1]);
    Promise.all(targets.map(({ host, port }) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: ${connectTimeoutMs} });
      const end = (result) => { socket.destroy(); resolve([host + ":" + port, result]); };
      socket.on("connect", () => end("open"));
      socket.on("timeout", () => end("silent"));
      socket.on("error", (error) => end(error.code));
    }))).then((results) => console.log(JSON.stringify(Object.fromEntries(results))));`;
  const namespace = namespaceOf(from, settings.namespace);
  const exec = ["exec", "-n", namespace, prober(from), "--", "node", "-e", script];
  return JSON.parse(await kubectl([...exec, JSON.stringify(list)])) as Record<string, string>;
}

async function results(settings: Settings, drawn: boolean): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  const hosts = await addresses(settings);
  for (const from of deployedWorkloads(settings)) {
    const list = targets(settings, drawn).filter((target) => target.from === from);
    if (list.length === 0) continue;
    const asked = list.map(({ to, port }) => ({ to, port, host: hosts[to] ?? "" }));
    const answers = await connect(settings, from, asked);
    for (const { to, port, host } of asked) {
      all[`${from} → ${to}:${port}`] = answers[`${host}:${port}`] ?? "no answer";
    }
  }
  return all;
}

/** Tries every way between the workloads of a stack that is up, those that the picture draws and those that it does not. */
export function tryEveryWay(settings: Settings): void {
  const namespace = (workload: Workload) => namespaceOf(workload, settings.namespace);
  const workloads = deployedWorkloads(settings);

  beforeAll(async () => {
    const manifests = workloads.map((workload) => proberManifest(settings, workload));
    const items = await Promise.all(manifests);
    await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    for (const workload of workloads) {
      const condition = "--for=jsonpath={.status.phase}=Running";
      await kubectl([
        "wait",
        "-n",
        namespace(workload),
        `pod/${prober(workload)}`,
        condition,
        "--timeout=90s",
      ]);
    }
  });

  afterAll(async () => {
    for (const workload of workloads) {
      const where = ["-n", namespace(workload), "--ignore-not-found", "--wait=false"];
      await tryKubectl(["delete", `pod/${prober(workload)}`, ...where]);
    }
  });

  test("every way that the picture draws is open", async () => {
    const expected = targets(settings, true).map(({ from, to, port }) => [
      `${from} → ${to}:${port}`,
      "open",
    ]);
    expect(expected.length).toBeGreaterThan(5);
    expect(await results(settings, true)).toEqual(Object.fromEntries(expected));
  });

  test("no way is open that the picture does not draw", async () => {
    const answers = await results(settings, false);
    expect(Object.keys(answers).length).toBeGreaterThan(20);
    expect(Object.entries(answers).filter(([, answer]) => answer === "open")).toEqual([]);
  });
}
