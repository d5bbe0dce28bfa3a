import type { types } from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { edges } from "../config/topology.ts";
import { placeholderSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";
import { Alertmanager } from "./alertmanager.ts";
import { Grafana } from "./grafana.ts";
import { Loki } from "./loki.ts";
import { Prometheus } from "./prometheus.ts";
import { Tempo } from "./tempo.ts";

interface Made {
  readonly settings: Settings;
  readonly namespace: string;
  readonly edges: ReturnType<typeof edges>;
  readonly config: string;
}

const grafanaFiles = { ini: "[server]\n", datasources: "d: 1\n", dashboardProviders: "p: 1\n" };

/** How each backend is made, and the uid of its image's user. */
const backends = {
  loki: (made: Made) => new Loki("loki", { ...made, ...keys(made.settings) }),
  tempo: (made: Made) => new Tempo("tempo", { ...made, ...keys(made.settings) }),
  prometheus: (made: Made) =>
    new Prometheus("prometheus", { ...made, rules: { "a.yaml": "groups: []\n" } }),
  alertmanager: (made: Made) => new Alertmanager("alertmanager", made),
  grafana: (made: Made) =>
    new Grafana("grafana", {
      ...made,
      files: grafanaFiles,
      dashboards: { "a.json": "{}" },
      adminPassword: "hunter2",
    }),
} as const;

type Backend = keyof typeof backends;

function keys(settings: Settings) {
  return { storageKeys: placeholderSecrets(settings).storageKeys };
}

function deployBackend(
  backend: Backend,
  stack: "dev" | "prod",
  changes: unknown = {},
  config = "a: 1\n",
): Promise<Deployment> {
  const settings = stackSettings(stack, changes);
  const made = { settings, namespace: settings.namespace, edges: edges(settings), config };
  return deploy(() => backends[backend](made));
}

async function only(backend: Backend, stack: "dev" | "prod", changes: unknown = {}) {
  const deployment = await deployBackend(backend, stack, changes);
  const [workload] = workloadsOf(deployment.manifests);
  if (workload === undefined) throw new Error(`${backend} deploys no pods`);
  return { ...deployment, ...workload };
}

const always = (backend: Backend) => [
  `ConfigMap/${backend}-config`,
  `NetworkPolicy/${backend}`,
  `Service/${backend}`,
  `Service/${backend}-peers`,
  `ServiceAccount/${backend}`,
  `StatefulSet/${backend}`,
];
const withBudget = (backend: Backend) => `PodDisruptionBudget/${backend}`;
const access = ["ClusterRole/sightline-prometheus", "ClusterRoleBinding/sightline-prometheus"];
const grafanaMore = ["datasources", "dashboard-providers", "dashboards"].map(
  (name) => `ConfigMap/grafana-${name}`,
);

test.each([
  ["loki", "dev", []],
  ["loki", "prod", [withBudget("loki"), "Secret/loki-storage-keys"]],
  ["tempo", "dev", []],
  ["tempo", "prod", [withBudget("tempo"), "Secret/tempo-storage-keys"]],
  ["prometheus", "dev", ["ConfigMap/prometheus-rules", ...access]],
  ["prometheus", "prod", ["ConfigMap/prometheus-rules", withBudget("prometheus"), ...access]],
  ["alertmanager", "dev", []],
  ["alertmanager", "prod", [withBudget("alertmanager")]],
  ["grafana", "dev", ["Secret/grafana-admin", ...grafanaMore]],
  ["grafana", "prod", ["Secret/grafana-admin", ...grafanaMore]],
] as const)("what %s of %s deploys", async (backend, stack, more) => {
  const { names } = await deployBackend(backend, stack);
  expect(names).toEqual([...always(backend), ...more].sort());
});

describe.each([
  ["loki", 10_001],
  ["tempo", 10_001],
  ["prometheus", 65_534],
  ["alertmanager", 65_534],
  ["grafana", 472],
] as const)("%s", (backend, uid) => {
  test("runs as its image's user, and so do its files", async () => {
    const { template } = await only(backend, "prod");
    expect(template.spec.securityContext).toMatchObject({
      runAsUser: uid,
      runAsGroup: uid,
      fsGroup: uid,
    });
  });

  test("is scraped at its port", async () => {
    const { container } = await only(backend, "prod");
    const named = container.ports.filter(({ name }) => name === "http-metrics");
    expect(named.map(({ containerPort }) => containerPort)).toEqual([
      container.readinessProbe.httpGet.port,
    ]);
  });

  test("has a volume of its own for each replica, which outlives it", async () => {
    const changes = { cluster: { storageClass: "fast" }, [backend]: { volumeGiB: 7 } };
    const { spec, container } = await only(backend, "prod", changes);
    const [claim] = spec.volumeClaimTemplates;
    expect(claim?.spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "7Gi" } },
      storageClassName: "fast",
    });
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
    const mounts = container.volumeMounts.filter(({ name }) => name === "data");
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual([`/var/lib/sightline/${backend}`]);
  });

  test("writes nowhere but there and in its scratch folder", async () => {
    const { container } = await only(backend, "prod");
    const written = container.volumeMounts.filter(({ readOnly }) => !readOnly);
    expect(written.map(({ name }) => name)).toEqual(
      backend === "grafana" ? ["data", "scratch"] : ["data"],
    );
  });

  test("has a token for the Kubernetes API only where it discovers", async () => {
    const { template } = await only(backend, "prod");
    expect(template.spec.automountServiceAccountToken).toBe(backend === "prometheus");
  });
});

test.each(["loki", "tempo", "prometheus", "alertmanager"] as const)(
  "a changed configuration rolls %s, an equal one does not",
  async (backend) => {
    const checksum = async (config: string) =>
      workloadsOf((await deployBackend(backend, "prod", {}, config)).manifests)[0]?.template
        .metadata.annotations;
    expect(await checksum("a: 2\n")).not.toEqual(await checksum("a: 1\n"));
    expect(await checksum("a: 1\n")).toEqual(await checksum("a: 1\n"));
  },
);

describe.each(["loki", "tempo"] as const)("the object store's keys of %s", (backend) => {
  const settings = stackSettings("prod");
  const made = { settings, namespace: "x", edges: [], config: "" };
  const Component = { loki: Loki, tempo: Tempo }[backend];

  test("come from a Secret, and stay one on the way", async () => {
    const { container, get, resources } = await only(backend, "prod");
    const secretName = `${backend}-storage-keys`;
    expect(get("Secret", secretName)["data"]).toEqual({
      AWS_ACCESS_KEY_ID: Buffer.from("placeholder-not-a-secret").toString("base64"),
      AWS_SECRET_ACCESS_KEY: Buffer.from("placeholder-not-a-secret").toString("base64"),
    });
    const secret = resources.find(({ name }) => name === secretName);
    expect(secret?.secretInputs).toEqual(["data"]);
    const fromSecret = container.env
      .filter(({ name }) => name.startsWith("AWS_"))
      .map(({ name, valueFrom }) => [
        name,
        valueFrom.secretKeyRef.name,
        valueFrom.secretKeyRef.key,
      ]);
    expect(fromSecret).toEqual([
      ["AWS_ACCESS_KEY_ID", secretName, "AWS_ACCESS_KEY_ID"],
      ["AWS_SECRET_ACCESS_KEY", secretName, "AWS_SECRET_ACCESS_KEY"],
    ]);
  });

  test("roll the pods when they change", async () => {
    const annotations = async (secret: string) => {
      const storageKeys = { access: "a", secret };
      const { manifests } = await deploy(() => new Component(backend, { ...made, storageKeys }));
      return workloadsOf(manifests)[0]?.template.metadata.annotations;
    };
    expect(await annotations("one")).not.toEqual(await annotations("two"));
  });

  test("are missed with what to do", async () => {
    await expect(deploy(() => new Component(backend, made))).rejects.toThrow(
      "the object store's keys are missing, but platform.storage.credentials is keys. Fix: set the secrets storageAccessKey and storageSecretKey, or set credentials: identity",
    );
  });

  test("are not there where the cloud gives an identity", async () => {
    const role = { "example.com/role": "reader" };
    const storage = { credentials: "identity", serviceAccountAnnotations: role };
    const { container, get, has } = await only(backend, "prod", { storage });
    expect(has("Secret", `${backend}-storage-keys`)).toBe(false);
    expect(container.env.some(({ name }) => name.startsWith("AWS_"))).toBe(false);
    expect(get("ServiceAccount", backend).metadata.annotations).toMatchObject(role);
  });
});

test.each(["loki", "tempo", "alertmanager"] as const)(
  "replicas of %s find each other before they are ready",
  async (backend) => {
    const { get } = await only(backend, "prod");
    const { spec } = get(`Service`, `${backend}-peers`) as {
      spec?: Partial<types.output.core.v1.ServiceSpec>;
    };
    expect(spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
  },
);

describe("alertmanager", () => {
  test("alone looks for nobody", async () => {
    const { container } = await only("alertmanager", "dev");
    expect(container.args).toContain("--cluster.listen-address=");
    expect(container.args.join()).not.toContain("--cluster.peer");
  });

  test("knows each other one by its name", async () => {
    const { container } = await only("alertmanager", "prod", { alertmanager: { replicas: 2 } });
    const host = "alertmanager-peers.sightline.svc.cluster.local:9094";
    expect(container.args.filter((flag) => flag.startsWith("--cluster"))).toEqual([
      "--cluster.listen-address=0.0.0.0:9094",
      "--cluster.advertise-address=$(POD_IP):9094",
      `--cluster.peer=alertmanager-0.${host}`,
      `--cluster.peer=alertmanager-1.${host}`,
    ]);
  });
});

describe("prometheus", () => {
  test("may read what it discovers and the kubelets' metrics, and nothing else", async () => {
    const { get } = await only("prometheus", "prod");
    expect(get("ClusterRole", "sightline-prometheus")["rules"]).toEqual([
      { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    ]);
  });

  test.each([
    [1_024, "--query.max-samples=16777216"],
    [16_384, "--query.max-samples=50000000"],
  ])("with %i MiB one query may take a quarter of it", async (memoryMiB, flag) => {
    const changes = { prometheus: { resources: { memoryMiB } } };
    expect((await only("prometheus", "prod", changes)).container.args).toContain(flag);
  });

  test("is not rolled by a changed rule, which it loads itself", async () => {
    const settings = stackSettings("prod");
    const made = { settings, namespace: "x", edges: [], config: "a: 1\n" };
    const template = async (rules: Record<string, string>) => {
      const { manifests } = await deploy(() => new Prometheus("prometheus", { ...made, rules }));
      return workloadsOf(manifests)[0]?.template;
    };
    expect(await template({ "a.yaml": "groups: []\n" })).toEqual(await template({}));
    expect((await only("prometheus", "prod")).container.args).toContain("--config.auto-reload");
  });
});

describe("grafana", () => {
  test("keeps its password in a Secret's file", async () => {
    const { get, resources, template, container } = await only("grafana", "prod");
    const password = Buffer.from("hunter2").toString("base64");
    expect(get("Secret", "grafana-admin")["data"]).toEqual({ password });
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(password));
    expect(holders.map(({ name, secretInputs }) => [name, secretInputs])).toEqual([
      ["grafana-admin", ["data"]],
    ]);
    expect(JSON.stringify(template)).not.toContain("hunter2");
    const mount = container.volumeMounts.find(({ name }) => name === "admin");
    expect(mount?.mountPath).toBe("/etc/sightline/grafana-admin");
  });

  test("says so when its dashboards no longer fit a ConfigMap", async () => {
    const settings = stackSettings("prod");
    const args = {
      settings,
      namespace: "x",
      edges: [],
      files: grafanaFiles,
      dashboards: { "a.json": "x".repeat(600_000), "b.json": "y".repeat(500_000) },
      adminPassword: "p",
    };
    await expect(deploy(() => new Grafana("grafana", args))).rejects.toThrow(
      "the dashboards take 1100000 bytes, and a ConfigMap holds 1000000. Fix: give the folder a second ConfigMap, or make them smaller",
    );
  });
});
