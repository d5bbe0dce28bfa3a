import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./load.ts";

const platform = { environment: "test", cluster: { name: "test" } };
const storage = { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" };
const pem = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
const certificate = { certificate: pem("CERTIFICATE"), key: pem("PRIVATE KEY") };

const secrets = {
  "sightline:ingestAuthority": JSON.stringify({ ...certificate, previous: "before" }),
  "sightline:ingestCertificate": JSON.stringify(certificate),
  "sightline:gatewayCertificate": JSON.stringify(certificate),
  "sightline:ingestTokens": JSON.stringify({ default: "a-token" }),
  "sightline:grafanaAdminPassword": "a-password",
  "sightline:storageAccessKey": "an-access-key",
  "sightline:storageSecretKey": "a-secret-key",
};

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
    "sightline",
    "test",
  );
});

function configure(values: Record<string, string>): void {
  pulumi.runtime.setAllConfig(values);
}

function configured(platformValue: object, others: Record<string, string>): void {
  configure({ "sightline:platform": JSON.stringify(platformValue), ...others });
}

function runError(): string {
  try {
    loadConfig();
  } catch (error) {
    if (!pulumi.RunError.isInstance(error)) throw error;
    // Pulumi would spend most of a preview on colouring it.
    expect(error.stack).toBe("");
    return error.message;
  }
  throw new Error("no error was thrown");
}

describe("loadConfig", () => {
  it("gives the settings, and the secrets marked as such", async () => {
    configured({ ...platform, storage }, { ...secrets, "kubernetes:context": "kind" });
    const loaded = loadConfig();
    expect(loaded.settings.environment).toBe("test");
    const all = pulumi.output(loaded.secrets);
    expect(await pulumi.isSecret(all)).toBe(true);
    const value = await new Promise((resolve) => all.apply(resolve));
    expect(value).toEqual({
      ingestCertificate: certificate,
      gatewayCertificate: certificate,
      gatewayAuthorities: `${certificate.certificate}before`,
      ingestTokens: { default: "a-token" },
      tokenHashes: [
        {
          tenant: "default",
          sha256: "4ce6a9dda94c996a2b95ed69fbae7eec1c815cb706182f96c07e867b6d8764a2",
        },
      ],
      grafanaAdminPassword: "a-password",
      storageKeys: { access: "an-access-key", secret: "a-secret-key" },
    });
  });

  it("ends a bad configuration as one RunError with every mistake", () => {
    configured({ ...platform, storage, loki: { replicas: 0 }, tempo: { replicas: 0 } }, secrets);
    expect(runError().split("\n")).toEqual([
      "Pulumi.test.yaml: platform.loki.replicas is 0, expected a whole number from 1 to 50. Fix: write 1 or more.",
      "Pulumi.test.yaml: platform.tempo.replicas is 0, expected a whole number from 1 to 50. Fix: write 1 or more.",
    ]);
  });

  it("lists every missing secret with the command that makes it", () => {
    configured({ ...platform, storage }, {});
    const made = "is missing. Fix: `npm run secrets -- test` makes it.";
    const given = (key: string) =>
      `is missing. Fix: store what its owner gave you: \`pulumi config set --secret ${key} --stack test\`, which asks for it.`;
    expect(runError().split("\n")).toEqual([
      `Pulumi.test.yaml: sightline:ingestAuthority ${made}`,
      `Pulumi.test.yaml: sightline:ingestCertificate ${made}`,
      `Pulumi.test.yaml: sightline:gatewayCertificate ${made}`,
      `Pulumi.test.yaml: sightline:ingestTokens ${made}`,
      `Pulumi.test.yaml: sightline:grafanaAdminPassword ${made}`,
      `Pulumi.test.yaml: sightline:storageAccessKey ${given("storageAccessKey")}`,
      `Pulumi.test.yaml: sightline:storageSecretKey ${given("storageSecretKey")}`,
    ]);
  });

  const otlp = {
    dash0: { endpoint: "https://a", secretHeaders: { Authorization: "dash0" } },
    other: { endpoint: "https://b", secretHeaders: { "X-Key": "dash0", "X-Id": "other" } },
  };
  const withTargets = { ...platform, storage, collector: { fanOut: { otlp } } };

  it("gives the targets the secrets that they name, and no others", async () => {
    const stored = JSON.stringify({ dash0: "Bearer a", other: 5, left: "over" });
    configured(withTargets, { ...secrets, "sightline:fanOutSecrets": stored });
    const all = pulumi.output(loadConfig().secrets.fanOut);
    expect(await pulumi.isSecret(all)).toBe(true);
    expect(await new Promise((resolve) => all.apply(resolve))).toEqual({
      dash0: "Bearer a",
      other: "5",
    });
  });

  it("says which target's secret is missing, and how it is stored", () => {
    const path = "platform.collector.fanOut.otlp";
    const lost = (name: string, uses: string) =>
      `Pulumi.test.yaml: sightline:fanOutSecrets.${name} is missing, but ${uses} it. Fix: store it: \`pulumi config set --secret --path fanOutSecrets.${name} --stack test\`, which asks for it.`;
    const dash0 = `${path}.dash0.secretHeaders.Authorization and ${path}.other.secretHeaders.X-Key name`;
    configured(withTargets, secrets);
    expect(runError().split("\n")).toEqual([
      lost("dash0", dash0),
      lost("other", `${path}.other.secretHeaders.X-Id names`),
    ]);
    const two = JSON.stringify({ dash0: "one\nand another line", other: "a" });
    configured(withTargets, { ...secrets, "sightline:fanOutSecrets": two });
    expect(runError()).toBe(
      "Pulumi.test.yaml: sightline:fanOutSecrets is damaged: it does not hold what it should. Fix: store each by itself, in one line of plain characters: `pulumi config set --secret --path fanOutSecrets.<name> --stack test`.",
    );
  });

  it("says which secret is damaged without showing it", () => {
    configured(
      { ...platform, storage },
      { ...secrets, "sightline:ingestTokens": "hunter2", "sightline:ingestCertificate": "{}" },
    );
    const damaged = (key: string) =>
      `Pulumi.test.yaml: sightline:${key} is damaged: it does not hold what it should. Fix: make it again: \`npm run secrets -- test --rotate ${key}\`.`;
    expect(runError().split("\n")).toEqual([damaged("ingestCertificate"), damaged("ingestTokens")]);
  });

  it("names the tenants that have no token", () => {
    configured({ ...platform, storage, tenants: ["default", "shop"] }, secrets);
    expect(runError()).toBe(
      "Pulumi.test.yaml: sightline:ingestTokens holds no token of shop. Fix: `npm run secrets -- test` makes the missing ones, with `--rotate ingestTokens.<tenant>` one anew.",
    );
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "no platform",
      {},
      "Pulumi.test.yaml: platform is missing. Fix: under config write `sightline:platform: { environment: <environment>, cluster: { name: <name> } }`.",
    ],
    [
      "a platform that is one text",
      { "sightline:platform": "dev" },
      "Pulumi.test.yaml: sightline:platform is one text, expected a mapping. Fix: edit Pulumi.test.yaml; one value is set by `pulumi config set --path platform.<key> <value>`.",
    ],
    [
      "a key set without --path",
      { "sightline:platform": "{}", "sightline:platform.loki.replicas": "3" },
      "Pulumi.test.yaml: sightline:platform.loki.replicas was set without --path, so nothing reads it. Fix: `pulumi config rm platform.loki.replicas`, then `pulumi config set --path platform.loki.replicas <value>`.",
    ],
  ])("%s", (_, config, message) => {
    configure(config);
    expect(runError()).toBe(message);
  });
});
