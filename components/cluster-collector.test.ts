import type { types } from "@pulumi/kubernetes";
import { expect, test } from "vitest";
import { edges } from "../config/topology.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";
import { ClusterCollector } from "./cluster-collector.ts";

function deployCluster(stack: "dev" | "prod"): Promise<Deployment> {
  const settings = stackSettings(stack);
  const args = {
    settings: settings.collector.cluster,
    images: settings.images,
    namespace: settings.namespace,
    edges: edges(settings),
    config: "receivers: {}\n",
  };
  return deploy(() => new ClusterCollector("cluster-collector", args));
}

const always = [
  "ClusterRole/sightline-cluster",
  "ClusterRoleBinding/sightline-cluster",
  "ConfigMap/cluster-config",
  "Deployment/cluster",
  "NetworkPolicy/cluster",
  "Role/cluster",
  "RoleBinding/cluster",
  "ServiceAccount/cluster",
];

test.each([
  ["dev", always],
  ["prod", [...always, "PodDisruptionBudget/cluster"].sort()],
] as const)("what %s deploys", async (stack, expected) => {
  expect((await deployCluster(stack)).names).toEqual(expected);
});

test("one of two works, and both can be asked by Prometheus alone", async () => {
  const { manifests, get } = await deployCluster("prod");
  const [deployment] = workloadsOf(manifests);
  expect(deployment?.spec.replicas).toBe(2);
  const policy = get("NetworkPolicy", "cluster")
    .spec as types.output.networking.v1.NetworkPolicySpec;
  expect(policy.ingress).toEqual([
    {
      from: [
        {
          podSelector: {
            matchLabels: {
              "app.kubernetes.io/name": "prometheus",
              "app.kubernetes.io/part-of": "sightline",
            },
          },
        },
      ],
      ports: [{ protocol: "TCP", port: 8888 }],
    },
  ]);
});

test("it reads what it tells of, and writes a lease of its own name alone", async () => {
  const { get } = await deployCluster("prod");
  const rules = get("ClusterRole", "sightline-cluster")[
    "rules"
  ] as types.output.rbac.v1.PolicyRule[];
  expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
  expect(rules.flatMap(({ resources }) => resources)).not.toContain("secrets");
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  expect(get("Role", "cluster")["rules"]).toEqual([
    { ...leases, verbs: ["create"] },
    { ...leases, resourceNames: ["cluster-collector"], verbs: ["get", "update"] },
  ]);
});
