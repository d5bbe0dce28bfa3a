import { isDeepStrictEqual } from "node:util";
import type { types } from "@pulumi/kubernetes";
import { beforeAll, describe, expect, test } from "vitest";
import { placeholderSecrets, type PlatformSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { deployPlatform } from "../platform.ts";
import type { Manifest } from "../scripts/manifests.ts";
import {
  deploy,
  stackSettings,
  workloadsOf,
  type DeployedWorkload,
  type Deployment,
} from "./harness.ts";

const stacks = ["dev", "prod"] as const;

function deployStack(settings: Settings, secrets?: PlatformSecrets): Promise<Deployment> {
  return deploy(() => deployPlatform(settings, secrets ?? placeholderSecrets(settings)));
}

describe.each(stacks)("every workload of %s", (stack) => {
  let deployment: Deployment;
  let workloads: DeployedWorkload[];
  beforeAll(async () => {
    deployment = await deployStack(stackSettings(stack));
    workloads = workloadsOf(deployment.manifests);
  });

  const each = (look: (workload: DeployedWorkload) => unknown) =>
    Object.fromEntries(workloads.map((workload) => [workload.label, look(workload)]));
  const all = (value: unknown) => each(() => value);
  const containersOf = ({ container, sidecars }: DeployedWorkload) => [container, ...sidecars];

  test("runs as a user of its own, without any privilege", () => {
    const level = each(({ template, container, sidecars }) => ({
      user: template.spec.securityContext.runAsUser > 0,
      nonRoot: template.spec.securityContext.runAsNonRoot,
      seccomp: template.spec.securityContext.seccompProfile.type,
      container: container.securityContext,
      likeIt: sidecars.every(({ securityContext }) =>
        isDeepStrictEqual(securityContext, container.securityContext),
      ),
      hostNamespaces: Object.keys(template.spec).filter((key) => key.startsWith("host")),
    }));
    expect(level).toEqual(
      all({
        user: true,
        nonRoot: true,
        seccomp: "RuntimeDefault",
        container: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        },
        likeIt: true,
        hostNamespaces: [],
      }),
    );
  });

  test("has one container besides sidecars, each with its share of the node", () => {
    for (const workload of workloads) {
      const { label, template } = workload;
      expect(template.spec.containers, label).toHaveLength(1);
      for (const { name, resources } of containersOf(workload)) {
        const of = `${label} ${name}`;
        expect(Object.keys(resources.requests), of).toEqual(["cpu", "memory"]);
        expect(Object.keys(resources.limits), of).toEqual(["cpu", "memory"]);
        expect(resources.requests["memory"], of).toBe(resources.limits["memory"]);
      }
    }
  });

  test("keeps Go below the container's memory, where it is Go", () => {
    const go = workloads.filter(({ container }) => !/hello|haproxy/.test(container.image));
    expect(go.length).toBeGreaterThanOrEqual(7);
    for (const { label, container } of go) {
      const limitMiB = Number.parseInt(container.resources.limits["memory"] ?? "", 10);
      const value = container.env.find(({ name }) => name === "GOMEMLIMIT")?.value;
      expect(value, label).toBe(`${Math.floor(limitMiB * 0.8)}MiB`);
    }
  });

  test("has its three probes on a port that it opens", () => {
    for (const { label, container } of workloads) {
      const open = container.ports.map(({ containerPort }) => containerPort as number | string);
      const { startupProbe, readinessProbe, livenessProbe } = container;
      for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
        const { httpGet, tcpSocket } = probe as Partial<types.output.core.v1.Probe>;
        expect(open, label).toContain(httpGet?.port ?? tcpSocket?.port);
      }
    }
  });

  test("has time to stop, longer than its own waiting before it", () => {
    for (const { label, template, container, sidecars } of workloads) {
      const lifecycle = container.lifecycle as types.output.core.v1.Lifecycle | undefined;
      const { sleep, httpGet } = (lifecycle?.preStop ??
        {}) as Partial<types.output.core.v1.LifecycleHandler>;
      const waits =
        httpGet === undefined ? (sleep?.seconds ?? 0) : longestAnswer(sidecars, httpGet.port);
      expect(template.spec.terminationGracePeriodSeconds, label).toBeGreaterThan(waits + 5);
    }
  });

  test("mounts only what is deployed", () => {
    const configMaps = objectNames(deployment.manifests, "ConfigMap");
    const secrets = objectNames(deployment.manifests, "Secret");
    for (const { label, spec, template, container, sidecars } of workloads) {
      const volumes = (template.spec.volumes as types.output.core.v1.Volume[] | undefined) ?? [];
      const claims =
        (spec.volumeClaimTemplates as typeof spec.volumeClaimTemplates | undefined) ?? [];
      for (const volume of volumes as Partial<types.output.core.v1.Volume>[]) {
        if (volume.configMap) expect(configMaps, label).toContain(volume.configMap.name);
        if (volume.secret) expect(secrets, label).toContain(volume.secret.secretName);
      }
      const offered = [...volumes.map(({ name }) => name), ...claims.map((c) => c.metadata.name)];
      const mounts = [container, ...sidecars].flatMap(
        ({ volumeMounts }) => (volumeMounts as typeof volumeMounts | undefined) ?? [],
      );
      expect(offered.sort(), label).toEqual([...new Set(mounts.map(({ name }) => name))].sort());
    }
  });

  test("stands under a network policy, a service account and a bounded wait", () => {
    const policies = deployment.manifests.filter(
      ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name !== "default",
    );
    const guarded = each(({ manifest, template }) => ({
      policies: policies.filter((policy) => isSelected(template, policySelector(policy))).length,
      account: deployment.has("ServiceAccount", template.spec.serviceAccountName),
      ownAccount: template.spec.serviceAccountName === manifest.metadata.name,
    }));
    expect(guarded).toEqual(all({ policies: 1, account: true, ownAccount: true }));
    for (const { label, manifest } of workloads) {
      const seconds = Number(manifest.metadata.annotations?.["pulumi.com/timeoutSeconds"]);
      expect(seconds, label).toBeGreaterThan(100);
      expect(seconds, label).toBeLessThan(600);
    }
  });

  test("can be reached by every Service that names it, at a port that it opens", () => {
    const services = deployment.manifests.filter(({ kind }) => kind === "Service");
    expect(services.length).toBeGreaterThan(6);
    for (const { metadata, spec } of services) {
      const { selector, ports } = spec as types.output.core.v1.ServiceSpec;
      const selected = workloads.filter(({ template }) => isSelected(template, selector));
      expect(
        selected.map(({ label }) => label),
        metadata.name,
      ).toHaveLength(1);
      const names = selected[0]?.container.ports.map(({ name }) => name) ?? [];
      for (const { targetPort } of ports) expect(names, metadata.name).toContain(targetPort);
    }
  });

  test("says where its metrics are, by the name of a port", () => {
    const platform = workloads.filter(({ label }) => !label.endsWith("/hello"));
    for (const { label, container } of platform) {
      const named = container.ports.filter(({ name }) => /^(http-)?metrics$/.test(name));
      expect(named, label).toHaveLength(1);
    }
  });
});

test.each(stacks)("secrets of %s stand in Secrets and nowhere else", async (stack) => {
  const settings = stackSettings(stack);
  const secrets: PlatformSecrets = {
    ingestCertificate: { certificate: "public", key: "very-private-key" },
    ingestTokens: { default: "very-private-token" },
    grafanaAdminPassword: "very-private-password",
    storageKeys: { access: "very-private-access", secret: "very-private-secret" },
  };
  const { manifests } = await deployStack(settings, secrets);
  const others = manifests.filter(({ kind }) => kind !== "Secret");
  expect(JSON.stringify(others)).not.toContain("very-private");
});

test("the provider speaks to the context that the stack names, and to one cluster only", async () => {
  const settings = stackSettings("prod", { cluster: { context: "prod-eu" } });
  const { resources } = await deployStack(settings);
  const providers = resources.filter(({ type }) => type === "pulumi:providers:kubernetes");
  expect(providers.map(({ inputs }) => inputs)).toEqual([
    expect.objectContaining({ context: "prod-eu", clusterIdentifier: "prod" }),
  ]);
});

test("a stack without Grafana has none of its objects", async () => {
  const { names } = await deployStack(stackSettings("dev", { grafana: { enabled: false } }));
  expect(names.filter((name) => name.includes("grafana"))).toEqual([]);
});

/** How long the sidecar behind this port may keep a stopping container waiting: for the proxies, then for empty queues. */
function longestAnswer(
  sidecars: readonly types.output.core.v1.Container[],
  port: number | string,
): number {
  const asked = sidecars.find(({ ports }) =>
    ports.some(({ containerPort, name }) => containerPort === port || name === port),
  );
  if (asked === undefined) throw new Error(`nothing listens on ${port}`);
  const env = Object.fromEntries(asked.env.map(({ name, value }) => [name, Number(value)]));
  return (env["LEAVE_SECONDS"] ?? Number.NaN) + (env["DRAIN_SECONDS"] ?? Number.NaN);
}

function objectNames(manifests: readonly Manifest[], kind: string): string[] {
  return manifests
    .filter((manifest) => manifest.kind === kind)
    .map(({ metadata }) => metadata.name);
}

function policySelector(policy: Manifest): Record<string, string> {
  const spec = policy["spec"] as types.output.networking.v1.NetworkPolicySpec;
  return spec.podSelector.matchLabels;
}

function isSelected(
  template: types.output.core.v1.PodTemplateSpec,
  selector: Readonly<Record<string, string>>,
): boolean {
  const { labels } = template.metadata;
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
