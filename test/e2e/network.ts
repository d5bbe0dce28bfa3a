import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { peersHost } from "../../config/endpoints.ts";
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

/** A pod with a workload's labels is what a policy takes for that workload. It is never ready, so no Service sends to it. */
function proberManifest({ namespace }: Settings, workload: Workload): unknown {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: prober(workload), namespace, labels: selectorLabels(workload) },
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

async function connect(
  settings: Settings,
  from: Workload,
  list: readonly Target[],
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
  const hosts = list.map(({ to, port }) => ({ host: peersHost(settings, to), port }));
  const exec = ["exec", "-n", settings.namespace, prober(from), "--", "node", "-e", script];
  return JSON.parse(await kubectl([...exec, JSON.stringify(hosts)])) as Record<string, string>;
}

async function results(settings: Settings, drawn: boolean): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const from of deployedWorkloads(settings)) {
    const list = targets(settings, drawn).filter((target) => target.from === from);
    if (list.length === 0) continue;
    const answers = await connect(settings, from, list);
    for (const { to, port } of list) {
      all[`${from} → ${to}:${port}`] = answers[`${peersHost(settings, to)}:${port}`] ?? "no answer";
    }
  }
  return all;
}

/** Tries every way between the workloads of a stack that is up, those that the picture draws and those that it does not. */
export function tryEveryWay(settings: Settings): void {
  const { namespace } = settings;
  const workloads = deployedWorkloads(settings);

  beforeAll(async () => {
    const items = workloads.map((workload) => proberManifest(settings, workload));
    await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    for (const workload of workloads) {
      const condition = "--for=jsonpath={.status.phase}=Running";
      await kubectl([
        "wait",
        "-n",
        namespace,
        `pod/${prober(workload)}`,
        condition,
        "--timeout=90s",
      ]);
    }
  });

  afterAll(async () => {
    const names = workloads.map((workload) => `pod/${prober(workload)}`);
    await tryKubectl(["delete", "-n", namespace, ...names, "--ignore-not-found", "--wait=false"]);
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
