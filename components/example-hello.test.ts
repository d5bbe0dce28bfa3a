import type { types } from "@pulumi/kubernetes";
import { beforeAll, expect, test } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { examplesNamespace } from "../config/examples.ts";
import { deploy, stackSettings, type Deployment } from "../test/harness.ts";
import { ExampleHello } from "./example-hello.ts";

const settings = stackSettings("dev");
const image = "mirror.local:5000/sightline/hello:1.0.0-0123456789abcdef";

function hello(): ExampleHello {
  return new ExampleHello("hello", { settings, endpoints: endpoints(settings), image });
}

let deployed: Deployment;
let url: string;

beforeAll(async () => {
  deployed = await deploy(() => {
    ({ url } = hello());
  });
});

function podSpec(): types.output.core.v1.PodSpec {
  return (deployed.get("Deployment", "hello").spec as types.output.apps.v1.DeploymentSpec).template
    .spec;
}

function container(): types.output.core.v1.Container {
  const [only, ...others] = podSpec().containers;
  if (only === undefined || others.length > 0) throw new Error("expected one container");
  return only;
}

test("it lives in a restricted namespace of its own, apart from the platform's", () => {
  expect(deployed.names).toEqual([
    "Deployment/hello",
    "Namespace/sightline-examples",
    "NetworkPolicy/hello",
    "Service/hello",
    "ServiceAccount/hello",
  ]);
  expect(examplesNamespace(settings)).toBe("sightline-examples");
  expect(deployed.get("Namespace", "sightline-examples").metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "restricted",
  });
  const elsewhere = deployed.manifests.filter(
    ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "sightline-examples",
  );
  expect(elsewhere).toEqual([]);
  expect(url).toBe("http://hello.sightline-examples.svc.cluster.local:8080");
});

test("it sends to the agent of its node and says on each record which pod it is", () => {
  const env = Object.fromEntries(container().env.map(({ name, value }) => [name, value]));
  expect(env).toMatchObject({
    OTEL_SERVICE_NAME: "hello",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://agent.sightline-agents.svc.cluster.local:4318",
  });
  expect((env["OTEL_RESOURCE_ATTRIBUTES"] ?? "").split(",")).toEqual([
    "service.namespace=sightline-examples",
    "service.version=1.0.0-0123456789abcdef",
    "deployment.environment.name=dev",
    "k8s.cluster.name=dev",
    "k8s.namespace.name=sightline-examples",
    "k8s.deployment.name=hello",
    "k8s.container.name=hello",
    "k8s.pod.name=$(POD_NAME)",
    "k8s.pod.uid=$(POD_UID)",
  ]);
});

test("what it prints is not tailed: its logger sends the same lines itself", () => {
  const { template } = deployed.get("Deployment", "hello")
    .spec as types.output.apps.v1.DeploymentSpec;
  expect(template.metadata.annotations).toMatchObject({ "sightline.dev/logs": "off" });
});

test("a variable stands above every one that refers to it", () => {
  const names = container().env.map(({ name }) => name);
  for (const [index, { value = "" }] of container().env.entries()) {
    for (const [, referred = ""] of value.matchAll(/\$\((\w+)\)/g)) {
      expect(names.slice(0, index)).toContain(referred);
    }
  }
});

test("it runs without privileges, without a token and within limits", () => {
  expect(podSpec()).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001 },
  });
  expect(container()).toMatchObject({
    image,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    resources: {
      requests: { cpu: "50m", memory: "256Mi" },
      limits: { cpu: "1000m", memory: "256Mi" },
    },
  });
});

test("a stopping pod has time to leave the Service, finish and send its last telemetry", () => {
  expect(container().lifecycle.preStop).toEqual({ sleep: { seconds: 3 } });
  expect(podSpec().terminationGracePeriodSeconds).toBe(23);
});

test("it may look names up and send to the agents, nothing else", () => {
  const policy = deployed.get("NetworkPolicy", "hello")
    .spec as types.output.networking.v1.NetworkPolicySpec;
  expect(policy.policyTypes).toEqual(["Ingress", "Egress"]);
  expect(policy.ingress).toEqual([{ ports: [{ protocol: "TCP", port: 8080 }] }]);
  expect(policy.egress).toEqual([
    {
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "sightline-agents" } },
          podSelector: {
            matchLabels: {
              "app.kubernetes.io/name": "agent",
              "app.kubernetes.io/part-of": "sightline",
            },
          },
        },
      ],
      ports: [
        { protocol: "TCP", port: 4317 },
        { protocol: "TCP", port: 4318 },
      ],
    },
  ]);
});
