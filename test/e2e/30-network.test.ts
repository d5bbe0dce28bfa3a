import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { peersHost, serviceHost } from "../../config/endpoints.ts";
import { examplesNamespace } from "../../config/examples.ts";
import { ports, type Workload } from "../../config/ports.ts";
import { deployedWorkloads, edges } from "../../config/topology.ts";
import { selectorLabels } from "../../kubernetes/labels.ts";
import { restrictedContainer, restrictedPod } from "../../kubernetes/security.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { testStack } from "./stacks.ts";

interface Target {
  readonly from: Workload;
  readonly to: Workload;
  readonly port: number;
}

const { settings } = testStack("dev", { loki: { retentionDays: 5 } });
const { namespace } = settings;
const workloads = deployedWorkloads(settings);
const prober = (workload: Workload) => `probe-${workload}`;
const connectTimeoutMs = 3_000;

/** Every TCP port of every other workload, by whether the picture draws the way to it. */
function targets(drawn: boolean): Target[] {
  const drawnPorts = new Set(
    edges(settings).flatMap((edge) =>
      edge.ports.map((port) => `${edge.from} ${edge.to} ${port.number ?? ""}`),
    ),
  );
  return workloads.flatMap((from) =>
    workloads
      .filter((to) => to !== from)
      .flatMap((to) => listeningPorts(to).map((port) => ({ from, to, port })))
      .filter(({ to, port }) => drawnPorts.has(`${from} ${to} ${port}`) === drawn),
  );
}

/** Gossip and public listeners are left out: a single-replica development stack opens neither. */
function listeningPorts(workload: Workload): number[] {
  const inbound = edges(settings).filter((edge) => edge.to === workload);
  const drawn = inbound.flatMap((edge) => edge.ports.map((port) => port.number));
  return Object.values(ports[workload]).filter((port) => drawn.includes(port));
}

/** A pod with a workload's labels is what a policy takes for that workload. It is never ready, so no Service sends to it. */
function proberManifest(workload: Workload): unknown {
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

async function connect(from: Workload, list: readonly Target[]): Promise<Record<string, string>> {
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
  const exec = ["exec", "-n", namespace, prober(from), "--", "node", "-e", script];
  return JSON.parse(await kubectl([...exec, JSON.stringify(hosts)])) as Record<string, string>;
}

async function results(drawn: boolean): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const from of workloads) {
    const list = targets(drawn).filter((target) => target.from === from);
    if (list.length === 0) continue;
    const answers = await connect(from, list);
    for (const { to, port } of list) {
      all[`${from} → ${to}:${port}`] = answers[`${peersHost(settings, to)}:${port}`] ?? "no answer";
    }
  }
  return all;
}

beforeAll(async () => {
  const items = workloads.map(proberManifest);
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  for (const workload of workloads) {
    const condition = "--for=jsonpath={.status.phase}=Running";
    await kubectl(["wait", "-n", namespace, `pod/${prober(workload)}`, condition, "--timeout=90s"]);
  }
});

afterAll(async () => {
  const names = workloads.map((workload) => `pod/${prober(workload)}`);
  await tryKubectl(["delete", "-n", namespace, ...names, "--ignore-not-found", "--wait=false"]);
});

test("every way that the picture draws is open", async () => {
  const expected = targets(true).map(({ from, to, port }) => [`${from} → ${to}:${port}`, "open"]);
  expect(expected.length).toBeGreaterThan(5);
  expect(await results(true)).toEqual(Object.fromEntries(expected));
});

test("no way is open that the picture does not draw", async () => {
  const answers = await results(false);
  expect(Object.keys(answers).length).toBeGreaterThan(20);
  expect(Object.entries(answers).filter(([, answer]) => answer === "open")).toEqual([]);
});

test("an application reaches the gateway and nothing behind it", async () => {
  const script = `
    const net = require("node:net");
    const attempt = (host, port) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: ${connectTimeoutMs} });
      socket.on("connect", () => { socket.destroy(); resolve("open"); });
      socket.on("timeout", () => { socket.destroy(); resolve("silent"); });
      socket.on("error", (error) => resolve(error.code));
    });
    Promise.all(JSON.parse(process.argv[1]).map(([host, port]) => attempt(host, port)))
      .then((answers) => console.log(JSON.stringify(answers)));`;
  const asked: [string, number][] = [
    [serviceHost(settings, "gateway"), ports.gateway.otlpGrpc],
    [serviceHost(settings, "gateway"), ports.gateway.otlpHttp],
    [serviceHost(settings, "loki"), ports.loki.http],
    [serviceHost(settings, "prometheus"), ports.prometheus.http],
    [serviceHost(settings, "sampler"), ports.sampler.otlpGrpc],
  ];
  const exec = [
    "exec",
    "-n",
    examplesNamespace(settings),
    "deploy/hello",
    "--",
    "node",
    "-e",
    script,
  ];
  const answers = JSON.parse(await kubectl([...exec, JSON.stringify(asked)])) as string[];
  expect(answers.slice(0, 2)).toEqual(["open", "open"]);
  expect(answers.slice(2)).not.toContain("open");
});
