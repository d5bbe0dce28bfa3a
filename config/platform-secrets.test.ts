import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";
import { placeholderSecrets, requiredSecrets } from "./platform-secrets.ts";
import { mergeOverlay } from "./stack-file.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};
const everythingOff = {
  collector: { gateway: { public: { enabled: false } } },
  grafana: { enabled: false },
  storage: { credentials: "identity", serviceAccountAnnotations: { "example.com/role": "r" } },
};

function settingsWith(overrides: object) {
  return parseConfig("test", mergeOverlay(base, overrides));
}

describe("requiredSecrets", () => {
  it.each<[string, object, string[]]>([
    [
      "everything",
      {},
      [
        "ingestAuthority",
        "gatewayCertificate",
        "ingestCertificate",
        "ingestTokens",
        "grafanaAdminPassword",
        "storageAccessKey",
        "storageSecretKey",
      ],
    ],
    ["nothing", everythingOff, []],
    [
      "public ingest only",
      mergeOverlay(everythingOff, {
        collector: { gateway: { public: { enabled: true } } },
      }) as object,
      ["ingestAuthority", "gatewayCertificate", "ingestCertificate", "ingestTokens"],
    ],
    [
      "no balancer",
      mergeOverlay(everythingOff, {
        collector: {
          gateway: { public: { enabled: true } },
          balancer: { kind: "ingress", ingress: { host: "otlp.example.com" } },
        },
      }) as object,
      ["ingestCertificate", "ingestTokens"],
    ],
    [
      "a certificate of the owner's own",
      mergeOverlay(everythingOff, {
        collector: { gateway: { public: { enabled: true, tlsSecret: "otlp-tls" } } },
      }) as object,
      ["ingestAuthority", "gatewayCertificate", "ingestTokens"],
    ],
    [
      "no keys for volumes",
      {
        storage: { kind: "volume", lokiBucket: null, tempoBucket: null },
        loki: { replicas: 1 },
        tempo: { replicas: 1 },
        collector: { gateway: { public: { enabled: false } } },
      },
      ["grafanaAdminPassword"],
    ],
  ])("%s", (_, overrides, keys) => {
    expect(requiredSecrets(settingsWith(overrides))).toEqual(keys);
  });
});

describe("placeholderSecrets", () => {
  it("stands in for all that is needed, visibly", () => {
    const placeholder = "placeholder-not-a-secret";
    expect(placeholderSecrets(settingsWith({}))).toEqual({
      ingestCertificate: { certificate: placeholder, key: placeholder },
      gatewayCertificate: { certificate: placeholder, key: placeholder },
      gatewayAuthorities: `${placeholder}\n`,
      ingestTokens: { default: placeholder },
      tokenHashes: [{ tenant: "default", sha256: `${placeholder}-default` }],
      grafanaAdminPassword: placeholder,
      storageKeys: { access: placeholder, secret: placeholder },
    });
  });

  it("holds nothing that is not needed", () => {
    expect(placeholderSecrets(settingsWith(everythingOff))).toEqual({});
  });
});
