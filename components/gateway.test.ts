import type { types } from "@pulumi/kubernetes";
import type { ResourceTransformation } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { fanOutTargets } from "../config/fan-out.ts";
import { placeholderSecrets } from "../config/platform-secrets.ts";
import { stopTimes } from "../config/stopping.ts";
import { edges } from "../config/topology.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";
import { Gateway, type GatewayArgs } from "./gateway.ts";

type NetworkPolicySpec = types.output.networking.v1.NetworkPolicySpec;
type Scaled = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;

function gatewayArgs(stack: "dev" | "prod", changes: unknown): GatewayArgs {
  const settings = stackSettings(stack, changes);
  const { tlsSecret } = settings.collector.gateway.public;
  return {
    settings: settings.collector.gateway,
    images: settings.images,
    storageClass: settings.cluster.storageClass,
    namespace: settings.namespace,
    edges: edges(settings),
    config: "receivers: {}\n",
    secrets: placeholderSecrets(settings),
    ...(tlsSecret !== undefined && { tlsSecret }),
    stopTimes: stopTimes(settings),
    drainImage: "sightline/drain:1",
    targets: fanOutTargets(settings),
  };
}

function deployGateway(stack: "dev" | "prod", changes: unknown = {}): Promise<Deployment> {
  return deploy(() => new Gateway("gateway", gatewayArgs(stack, changes)));
}

/** Fields of the workload that Pulumi leaves as they are in the cluster. */
async function unwatchedFields(stack: "dev" | "prod", changes: unknown): Promise<string[]> {
  const fields: string[] = [];
  const look: ResourceTransformation = ({ type, opts }) => {
    if (/:(StatefulSet|Deployment)$/.test(type)) fields.push(...(opts.ignoreChanges ?? []));
    return undefined;
  };
  const args = gatewayArgs(stack, changes);
  await deploy(() => new Gateway("gateway", args, { transformations: [look] }));
  return fields;
}

const always = [
  "ConfigMap/gateway-config",
  "NetworkPolicy/gateway",
  "Secret/gateway-ingest-tls",
  "Secret/gateway-ingest-tokens",
  "Service/gateway",
  "Service/gateway-peers",
  "ServiceAccount/gateway",
];
const only = (...kinds: string[]) => [...always, ...kinds.map((kind) => `${kind}/gateway`)].sort();
/** Who empties a volume may ask its set how many it wants. */
const drained = ["StatefulSet", "Role", "RoleBinding"];
const gateway = (change: unknown) => ({ collector: { gateway: change } });

describe("what is deployed", () => {
  test.each([
    ["one replica with its queue in memory", "dev", {}, only("Deployment")],
    [
      "a scaled set with its queues on disk",
      "prod",
      {},
      only("HorizontalPodAutoscaler", "PodDisruptionBudget", ...drained),
    ],
    [
      "a fixed number of replicas",
      "prod",
      gateway({ replicas: { min: 3, max: 3 } }),
      only("PodDisruptionBudget", ...drained),
    ],
    [
      "one replica that may become more",
      "prod",
      gateway({ replicas: { min: 1, max: 2 } }),
      only("HorizontalPodAutoscaler", ...drained),
    ],
    [
      "volumes that nobody empties",
      "prod",
      gateway({ drainSeconds: 0, replicas: { min: 1, max: 1 } }),
      only("StatefulSet"),
    ],
    [
      "a certificate from a Secret that is there",
      "dev",
      gateway({ public: { tlsSecret: "otlp-tls" } }),
      only("Deployment").filter((name) => name !== "Secret/gateway-ingest-tls"),
    ],
    [
      "no public listener",
      "dev",
      gateway({ public: { enabled: false } }),
      only("Deployment").filter((name) => !name.startsWith("Secret/")),
    ],
  ] as const)("%s", async (_, stack, changes, expected) => {
    const { names } = await deployGateway(stack, changes);
    expect(names).toEqual(expected);
  });

  test("belongs to the component, under its labels", async () => {
    const { resources, manifests } = await deployGateway("prod");
    const children = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(children.map(({ lineage }) => lineage[0])).toEqual(
      children.map(() => "sightline:components:Gateway"),
    );
    for (const { metadata } of manifests) {
      expect(metadata.labels).toEqual({
        "app.kubernetes.io/name": "gateway",
        "app.kubernetes.io/part-of": "sightline",
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/version": "0.152.0",
      });
    }
  });
});

describe("the workload", () => {
  test("starts with its minimum, and leaves the count to the autoscaler where there is one", async () => {
    const scaled = await deployGateway("prod");
    expect(scaled.get("StatefulSet", "gateway").spec).toMatchObject({ replicas: 3 });
    expect(scaled.get("HorizontalPodAutoscaler", "gateway").spec).toMatchObject({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "gateway" },
      minReplicas: 3,
      maxReplicas: 10,
      behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
    } satisfies Partial<Record<keyof Scaled, unknown>>);
    const fixed = gateway({ replicas: { min: 3, max: 3 } });
    expect(await unwatchedFields("prod", {})).toEqual(["spec.replicas"]);
    expect(await unwatchedFields("prod", fixed)).toEqual([]);
  });

  test("keeps a volume for each queue on disk", async () => {
    const deployment = await deployGateway("prod", {
      cluster: { storageClass: "fast" },
    });
    const [set] = workloadsOf(deployment.manifests);
    expect(set?.spec.volumeClaimTemplates).toEqual([
      {
        metadata: {
          name: "queue",
          labels: {
            "app.kubernetes.io/name": "gateway",
            "app.kubernetes.io/part-of": "sightline",
          },
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "50Gi" } },
          storageClassName: "fast",
        },
      },
    ]);
    expect(set?.spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
  });

  test("rolls when its configuration changes, and not when its secrets do", async () => {
    const settings = stackSettings("dev");
    const checksum = async (config: string, token: string) => {
      const args = {
        ...gatewayArgs("dev", {}),
        config,
        targets: [],
        secrets: { ...placeholderSecrets(settings), ingestTokens: { default: token } },
      };
      const { manifests } = await deploy(() => new Gateway("gateway", args));
      return workloadsOf(manifests)[0]?.template.metadata.annotations;
    };
    const first = await checksum("a: 1\n", "one");
    expect(await checksum("a: 1\n", "two")).toEqual(first);
    expect(await checksum("a: 2\n", "one")).not.toEqual(first);
  });
});

test("tokens reach the collector one a line, with their owners, as a secret", async () => {
  const { get, resources } = await deploy(
    () =>
      new Gateway("gateway", {
        ...gatewayArgs("dev", {}),
        secrets: {
          ingestCertificate: { certificate: "CERT", key: "KEY" },
          ingestTokens: { shop: "t-2", default: "t-1" },
        },
      }),
  );
  const decoded = (name: string, key: string) =>
    Buffer.from(get("Secret", name).data?.[key] ?? "", "base64").toString();
  expect(decoded("gateway-ingest-tokens", "tokens")).toBe("t-1 default\nt-2 shop\n");
  expect(decoded("gateway-ingest-tls", "tls.key")).toBe("KEY");
  expect(get("Secret", "gateway-ingest-tls")["type"]).toBe("kubernetes.io/tls");
  for (const { type, secretInputs } of resources) {
    expect(secretInputs).toEqual(type === "kubernetes:core/v1:Secret" ? ["data"] : []);
  }
});

test("the public ports are open only where the public listener is on", async () => {
  const portNames = async (enabled: boolean) => {
    const { get } = await deployGateway("dev", gateway({ public: { enabled } }));
    const { ports } = get("Service", "gateway").spec as types.output.core.v1.ServiceSpec;
    return ports.map(({ name }) => name);
  };
  expect(await portNames(true)).toEqual(["agents", "public-grpc", "public-http"]);
  expect(await portNames(false)).toEqual(["agents"]);
  const browser = { origins: ["https://app.example.com"] };
  const { get } = await deployGateway("dev", gateway({ browser }));
  const { ports } = get("Service", "gateway").spec as types.output.core.v1.ServiceSpec;
  expect(ports.at(-1)).toMatchObject({ name: "browser-http", port: 4338 });
});

test("a pod takes the tokens that its configuration knows, and the certificate that there is now", async () => {
  const changes = gateway({ public: { tlsSecret: "otlp-tls" } });
  const { manifests } = await deployGateway("dev", changes);
  const [workload] = workloadsOf(manifests);
  expect(workload?.template.spec.volumes).toContainEqual({
    name: "ingest-tls",
    secret: { secretName: "otlp-tls", defaultMode: 0o440 },
  });
  const mounts = workload?.container.volumeMounts.filter(({ name }) => name.startsWith("ingest"));
  expect(mounts).toEqual([
    { name: "ingest-tls", mountPath: "/etc/sightline/ingest-tls", readOnly: true },
    {
      name: "ingest-tokens",
      mountPath: "/etc/sightline/ingest-tokens/tokens",
      subPath: "tokens",
      readOnly: true,
    },
  ]);
});

test("its collector has no token for the Kubernetes API", async () => {
  for (const stack of ["dev", "prod"] as const) {
    const [workload] = workloadsOf((await deployGateway(stack)).manifests);
    expect(workload?.template.spec.automountServiceAccountToken, stack).toBe(false);
    const mounted = workload?.container.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    expect(mounted.filter((path) => path.includes("serviceaccount"))).toEqual([]);
  }
  const { names } = await deployGateway("dev");
  expect(names.filter((name) => name.includes("Role"))).toEqual([]);
});

describe("a stopping replica", () => {
  const podOf = async (stack: "dev" | "prod", changes: unknown = {}) => {
    const [workload] = workloadsOf((await deployGateway(stack, changes)).manifests);
    if (workload === undefined) throw new Error("no workload");
    const { template, container, sidecars } = workload;
    const [sidecar] = sidecars;
    const env = Object.fromEntries((sidecar?.env ?? []).map(({ name, value }) => [name, value]));
    return { spec: template.spec, preStop: container.lifecycle.preStop, sidecar, env };
  };

  test("with a volume asks its sidecar, which runs as long as the collector does", async () => {
    const { spec, preStop, sidecar, env } = await podOf("prod");
    expect(preStop).toEqual({ httpGet: { path: "/drain", port: 13134 } });
    expect(sidecar).toMatchObject({
      name: "drain",
      image: "sightline/drain:1",
      restartPolicy: "Always",
      ports: [{ name: "drain", containerPort: 13134, protocol: "TCP" }],
    });
    expect(sidecar).not.toHaveProperty("readinessProbe");
    expect(env).toMatchObject({
      PORT: "13134",
      METRICS_URL: "http://127.0.0.1:8888/metrics",
      LEAVE_SECONDS: "5",
      DRAIN_SECONDS: "300",
      SETTLE_SECONDS: "35",
      STATEFUL_SET: "gateway",
      CLAIM: "queue",
    });
    expect(spec.terminationGracePeriodSeconds).toBe(380);
  });

  test("lets its sidecar ask how many its set wants, and nothing else", async () => {
    const { get } = await deployGateway("prod");
    expect(get("Role", "gateway")["rules"]).toEqual([
      {
        apiGroups: ["apps"],
        resources: ["statefulsets"],
        resourceNames: ["gateway"],
        verbs: ["get"],
      },
    ]);
    expect(get("RoleBinding", "gateway")).toMatchObject({
      roleRef: { kind: "Role", name: "gateway" },
      subjects: [{ kind: "ServiceAccount", name: "gateway", namespace: "sightline" }],
    });
    const policy = get("NetworkPolicy", "gateway").spec as NetworkPolicySpec;
    const api = [443, 6443].map((port) => ({ protocol: "TCP", port }));
    expect(policy.egress).toContainEqual({ ports: api });
    const { spec, sidecar } = await podOf("prod");
    const mount = sidecar?.volumeMounts.find(({ name }) => name === "drain-account");
    expect(mount?.mountPath).toBe("/var/run/secrets/kubernetes.io/serviceaccount");
    const [container] = spec.containers;
    expect(container?.volumeMounts.map(({ name }) => name)).not.toContain("drain-account");
  });

  test.each([
    ["queues in memory", "dev", {}],
    ["no time to drain", "prod", gateway({ drainSeconds: 0 })],
  ] as const)("with %s only leaves its Services", async (_, stack, changes) => {
    const { spec, preStop, sidecar } = await podOf(stack, changes);
    expect(preStop).toEqual({ sleep: { seconds: 5 } });
    expect(sidecar).toBeUndefined();
    expect(spec.volumes.map(({ name }) => name)).not.toContain("drain-account");
    expect(spec.terminationGracePeriodSeconds).toBe(60);
  });
});

test("the autoscaler looks at the queues where the stack says how full is full", async () => {
  const metrics = async (autoscaling: unknown) => {
    const { get } = await deployGateway("prod", gateway({ autoscaling }));
    return (get("HorizontalPodAutoscaler", "gateway").spec as Scaled).metrics;
  };
  const load = await metrics({});
  expect(load.map(({ type }) => type)).toEqual(["Resource", "Resource"]);
  expect(await metrics({ queueFillPercent: 40 })).toEqual([
    ...load,
    {
      type: "Pods",
      pods: {
        metric: { name: "gateway_queue_fill_percent" },
        target: { type: "AverageValue", averageValue: "40" },
      },
    },
  ]);
});
