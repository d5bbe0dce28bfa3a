import type { types } from "@pulumi/kubernetes";
import { expect, test } from "vitest";
import { edges } from "../config/topology.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";
import { Sampler } from "./sampler.ts";

function deploySampler(stack: "dev" | "prod", changes: unknown = {}): Promise<Deployment> {
  const settings = stackSettings(stack, changes);
  const args = {
    settings: settings.collector.sampler,
    images: settings.images,
    namespace: settings.namespace,
    edges: edges(settings),
    config: "receivers: {}\n",
  };
  return deploy(() => new Sampler("sampler", args));
}

const always = [
  "ConfigMap/sampler-config",
  "NetworkPolicy/sampler",
  "Service/sampler-peers",
  "ServiceAccount/sampler",
  "StatefulSet/sampler",
];

test.each([
  ["dev", always],
  ["prod", [...always, "PodDisruptionBudget/sampler"].sort()],
] as const)("what %s deploys", async (stack, expected) => {
  expect((await deploySampler(stack)).names).toEqual(expected);
});

test("replicas are fixed and named, also while they are not ready", async () => {
  const { get } = await deploySampler("prod");
  expect(get("StatefulSet", "sampler").spec).toMatchObject({
    replicas: 3,
    serviceName: "sampler-peers",
  });
  expect(get("Service", "sampler-peers").spec).toMatchObject({
    clusterIP: "None",
    publishNotReadyAddresses: true,
  } satisfies Partial<types.output.core.v1.ServiceSpec>);
});

test.each([
  [30, 60],
  [300, 330],
])("with a decision wait of %i s a stop may take %i s", async (decisionWaitSeconds, grace) => {
  const changes = { collector: { sampler: { decisionWaitSeconds } } };
  const [set] = workloadsOf((await deploySampler("prod", changes)).manifests);
  expect(set?.template.spec.terminationGracePeriodSeconds).toBe(grace);
});

test("it has no token for the Kubernetes API", async () => {
  const { manifests, has } = await deploySampler("prod");
  expect(workloadsOf(manifests)[0]?.template.spec.automountServiceAccountToken).toBe(false);
  expect(has("ClusterRole", "sightline-sampler")).toBe(false);
});
