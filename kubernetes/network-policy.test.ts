import { expect, test } from "vitest";
import type { Edge } from "../config/topology.ts";
import { networkPolicySpec } from "./network-policy.ts";

const tcp = (number?: number) => [
  { ...(number === undefined ? {} : { number }), protocol: "TCP" as const },
];
const edge = (from: Edge["from"], to: Edge["to"], ports = tcp(80)): Edge => ({
  from,
  to,
  ports,
  carries: "",
});
const pods = (name: string) => ({
  podSelector: {
    matchLabels: { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "sightline" },
  },
});

test("a workload that no edge touches is shut off in both directions", () => {
  expect(networkPolicySpec("loki", [edge("gateway", "tempo")], "sightline")).toEqual({
    ...pods("loki"),
    policyTypes: ["Ingress", "Egress"],
    ingress: [],
    egress: [],
  });
});

/** Pods of every namespace but the platform's own two. */
const outsideOwn = {
  namespaceSelector: {
    matchExpressions: [
      {
        key: "kubernetes.io/metadata.name",
        operator: "NotIn",
        values: ["sightline", "sightline-agents"],
      },
    ],
  },
};

test.each([
  ["a workload", edge("gateway", "loki", tcp(3100)), { from: [pods("gateway")], ports: [3100] }],
  ["any pod elsewhere", edge("applications", "loki"), { from: [outsideOwn], ports: [80] }],
  ["anyone", edge("outside", "loki"), { ports: [80] }],
])("lets %s in at the edge's port only", (_, drawn, { ports, ...peers }) => {
  const { ingress, egress } = networkPolicySpec("loki", [drawn], "sightline");
  expect(ingress).toEqual([{ ...peers, ports: [{ protocol: "TCP", port: ports[0] }] }]);
  expect(egress).toEqual([]);
});

test("an edge between a workload's own replicas opens both sides", () => {
  const { ingress, egress } = networkPolicySpec(
    "loki",
    [edge("loki", "loki", tcp(7946))],
    "sightline",
  );
  const ports = [{ protocol: "TCP", port: 7946 }];
  expect(ingress).toEqual([{ from: [pods("loki")], ports }]);
  expect(egress).toEqual([{ to: [pods("loki")], ports }]);
});

const inNamespace = (namespace: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});

test("between the platform's namespaces, pods are named with theirs", () => {
  const drawn = [edge("agent", "gateway", tcp(4317)), edge("prometheus", "agent", tcp(8888))];
  const policy = (workload: "agent" | "gateway" | "prometheus") =>
    networkPolicySpec(workload, drawn, "sightline");
  const [sends, scraped] = [4317, 8888].map((port) => [{ protocol: "TCP", port }]);
  const agents = { ...pods("agent"), ...inNamespace("sightline-agents") };
  expect(policy("gateway").ingress).toEqual([{ from: [agents], ports: sends }]);
  expect(policy("prometheus").egress).toEqual([{ to: [agents], ports: scraped }]);
  const fromAgents = (name: string) => [{ ...pods(name), ...inNamespace("sightline") }];
  expect(policy("agent").egress).toEqual([{ to: fromAgents("gateway"), ports: sends }]);
  expect(policy("agent").ingress).toEqual([{ from: fromAgents("prometheus"), ports: scraped }]);
});

test("an edge without a port number opens any port of its protocol", () => {
  const drawn = edge("prometheus", "scrapedPods", tcp());
  expect(networkPolicySpec("prometheus", [drawn], "sightline").egress).toEqual([
    {
      to: [outsideOwn],
      ports: [{ protocol: "TCP" }],
    },
  ]);
});
