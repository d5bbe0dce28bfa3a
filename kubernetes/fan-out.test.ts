import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { beforeAll, describe, expect, test } from "vitest";
import { placeholderSecrets, type PlatformSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { deployPlatform } from "../platform.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";

const everyKind: unknown = load(
  readFileSync(join(import.meta.dirname, "../test/fan-out-overlay.yaml"), "utf8"),
);

async function gatewayOf(settings: Settings, secrets: PlatformSecrets) {
  const deployment: Deployment = await deploy(() => deployPlatform(settings, secrets));
  const gateway = workloadsOf(deployment.manifests).find(({ label }) => label.endsWith("/gateway"));
  if (gateway === undefined) throw new Error("no gateway");
  return { deployment, gateway };
}

describe("a gateway with targets", () => {
  const settings = stackSettings("prod", everyKind);
  let found: Awaited<ReturnType<typeof gatewayOf>>;
  beforeAll(async () => {
    found = await gatewayOf(settings, placeholderSecrets(settings));
  });

  test("reads each secret from one Secret, the object store's keys by the names that AWS's client knows", () => {
    const secret = found.deployment.get("Secret", "gateway-fan-out");
    expect(Object.keys(secret.data ?? {}).sort()).toEqual([
      "archive-access",
      "archive-secret",
      "dash0-token",
      "kafka-password",
      "search-key",
    ]);
    const env = found.gateway.container.env
      .filter(({ name }) => /^(AWS|FAN_OUT)_/.test(name))
      .map(({ name, valueFrom: { secretKeyRef } }) => [name, secretKeyRef.name, secretKeyRef.key]);
    const of = (name: string, key: string) => [name, "gateway-fan-out", key];
    expect(env.sort()).toEqual([
      of("AWS_ACCESS_KEY_ID", "archive-access"),
      of("AWS_SECRET_ACCESS_KEY", "archive-secret"),
      of("FAN_OUT_ARCHIVE_ACCESS", "archive-access"),
      of("FAN_OUT_ARCHIVE_SECRET", "archive-secret"),
      of("FAN_OUT_DASH0_TOKEN", "dash0-token"),
      of("FAN_OUT_KAFKA_PASSWORD", "kafka-password"),
      of("FAN_OUT_SEARCH_KEY", "search-key"),
    ]);
  });

  test("has a volume for each file target, where its exporter writes", () => {
    const claims = found.gateway.spec.volumeClaimTemplates.map(({ metadata, spec }) => [
      metadata.name,
      spec.resources.requests["storage"],
    ]);
    expect(claims).toEqual([
      ["queue", "60Gi"],
      ["file-local", "10Gi"],
      ["file-plain", "3Gi"],
    ]);
    expect(found.gateway.container.volumeMounts).toContainEqual({
      name: "file-local",
      mountPath: "/var/lib/sightline/files/local",
    });
  });

  test("is let out to the ports of its targets", () => {
    const { egress } = found.deployment.get("NetworkPolicy", "gateway").spec as {
      egress: { to?: unknown; ports: { port?: number }[] }[];
    };
    const open = egress
      .filter(({ to }) => to === undefined)
      .flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual(expect.arrayContaining([4317, 4318, 9200, 443, 9093]));
  });
});

test("a changed secret rolls the gateway; one that nothing names does not exist", async () => {
  const settings = stackSettings("dev", {
    collector: {
      fanOut: {
        otlp: { vendor: { endpoint: "https://a", secretHeaders: { Authorization: "token" } } },
      },
      gateway: { queue: { maxRecords: 20_000 }, memoryLimiter: { limitMiB: 8_192 } },
    },
  });
  const annotations = async (token: string) => {
    const secrets = { ...placeholderSecrets(settings), fanOut: { token } };
    const { gateway } = await gatewayOf(settings, secrets);
    return gateway.template.metadata.annotations;
  };
  const first = await annotations("one");
  expect(await annotations("one")).toEqual(first);
  expect(await annotations("two")).not.toEqual(first);
  expect(JSON.stringify(first)).not.toContain('"one"');
});

test("without a volume for its queue, a file target's ends with the pod", async () => {
  const settings = stackSettings("dev", {
    collector: {
      fanOut: { file: { local: { volumeGiB: 4, queue: { maxMiB: 10 } } } },
      gateway: { queue: { maxRecords: 20_000 } },
    },
  });
  const { gateway } = await gatewayOf(settings, placeholderSecrets(settings));
  expect(gateway.template.spec.volumes).toContainEqual({
    name: "file-local",
    emptyDir: { sizeLimit: "4096Mi" },
  });
});
