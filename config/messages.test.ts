import { describe, expect, it } from "vitest";
import { didYouMean } from "./did-you-mean.ts";
import { patternWords } from "./expectations.ts";
import { ConfigError } from "./issue.ts";
import { parseConfig } from "./parse.ts";
import { schemaKeys } from "./schema-keys.ts";

const source = "Pulumi.test.yaml";
/** With nothing in it that does not fit together: that would be told, too. */
const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};
const { storage } = base;

function messageOf(value: unknown): string {
  try {
    parseConfig(source, value);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("no error was thrown");
}

const stored = "`pulumi config set --path` stores fractions and quoted values as text";

describe("a value that does not fit the schema", () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      "a misspelt key",
      { loki: { replcas: 1 } },
      "platform.loki.replcas is unknown: did you mean replicas? Fix: write replicas.",
    ],
    [
      "a key that belongs elsewhere",
      { retentionPercent: 50 },
      "platform.retentionPercent is unknown. Fix: move it to platform.prometheus.retentionPercent.",
    ],
    [
      "a key that is nowhere",
      { collector: { sampler: { keep: { wisdom: 1 } } } },
      "platform.collector.sampler.keep.wisdom is unknown. Fix: remove it; known here: slowerThanMs, percentage, budgetSpansPerSecond, rules.",
    ],
    [
      "a name in place of a provider's ARN",
      { storage: { ...storage, credentials: "identity" }, aws: { oidcProviderArn: "my-cluster" } },
      'platform.aws.oidcProviderArn is "my-cluster", expected the ARN of an OIDC provider. Fix: write it as IAM shows it, as in arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF.',
    ],
    [
      "AWS without what it needs",
      { storage: { ...storage, credentials: "identity" }, aws: {} },
      "platform.aws.oidcProviderArn is missing. Fix: under platform.aws write `oidcProviderArn: <oidcProviderArn>`.",
    ],
    [
      "a kind of target that is none",
      { collector: { fanOut: { elasticsearh: { search: { endpoints: ["http://a:9200"] } } } } },
      "platform.collector.fanOut.elasticsearh is unknown: did you mean elasticsearch? Fix: write elasticsearch.",
    ],
    [
      "a target without what its kind needs",
      { collector: { fanOut: { kafka: { events: { topics: { logs: "logs" } } } } } },
      "platform.collector.fanOut.kafka.events.brokers is missing. Fix: under platform.collector.fanOut.kafka.events write `brokers: <brokers>`.",
    ],
    [
      "a target with a key of another kind",
      { collector: { fanOut: { s3: { old: { bucket: "old-logs", brokers: ["a:1"] } } } } },
      "platform.collector.fanOut.s3.old.brokers is unknown. Fix: move it to platform.collector.fanOut.kafka.NAME.brokers.",
    ],
    [
      "a name that no object could have",
      { collector: { fanOut: { file: { "My files": {} } } } },
      'platform.collector.fanOut.file["My files"] is called "My files", expected a short name. Fix: use at most 42 lower-case letters, digits and dashes, with no dash at either end.',
    ],
    [
      "a secret's name that is the secret",
      {
        collector: {
          fanOut: {
            otlp: { v: { endpoint: "http://a", secretHeaders: { Authorization: "Bearer abc" } } },
          },
        },
      },
      'platform.collector.fanOut.otlp.v.secretHeaders.Authorization is "Bearer abc", expected a short name. Fix: use at most 42 lower-case letters, digits and dashes, with no dash at either end.',
    ],
    [
      "a broker with a scheme",
      { collector: { fanOut: { kafka: { events: { brokers: ["http://kafka:9092"] } } } } },
      'platform.collector.fanOut.kafka.events.brokers[0] is "http://kafka:9092", expected a host and port. Fix: write it without scheme, as in kafka.example.com:9093.',
    ],
    [
      "a number as text",
      { loki: { retentionDays: "3" } },
      `platform.loki.retentionDays is "3" (text), expected a whole number from 1 to 3650. Fix: edit ${source} and write 3 without quotes; ${stored}.`,
    ],
    [
      "a fraction as text, as Pulumi's command stores it",
      { loki: { ingestionRateMiB: "0.5" } },
      `platform.loki.ingestionRateMiB is "0.5" (text), expected a whole number from 1 to 10240. Fix: edit ${source} and write a whole number from 1 to 10240; ${stored}.`,
    ],
    [
      "a truth as text",
      { grafana: { enabled: "true" } },
      `platform.grafana.enabled is "true" (text), expected true or false. Fix: edit ${source} and write true without quotes; ${stored}.`,
    ],
    [
      "a fraction, said once though two checks fail",
      { loki: { volumeGiB: 0.5 } },
      "platform.loki.volumeGiB is 0.5, expected a whole number from 1 to 65536. Fix: write a whole number from 1 to 65536.",
    ],
    [
      "a number that is too small",
      { loki: { replicas: 0 } },
      "platform.loki.replicas is 0, expected a whole number from 1 to 50. Fix: write 1 or more.",
    ],
    [
      "a number that is too large",
      { prometheus: { replicas: 3 } },
      "platform.prometheus.replicas is 3, expected a whole number from 1 to 2. Fix: write 2 or less.",
    ],
    [
      "an option in another case",
      { storage: { ...storage, kind: "S3" } },
      'platform.storage.kind is "S3", expected one of volume, s3. Fix: write s3.',
    ],
    [
      "an option that is like no other",
      { storage: { ...storage, kind: "filesystem" } },
      'platform.storage.kind is "filesystem", expected one of volume, s3. Fix: write one of these.',
    ],
    [
      "text of the wrong form",
      { namespace: "My_Space" },
      'platform.namespace is "My_Space", expected a short name. Fix: use at most 42 lower-case letters, digits and dashes, with no dash at either end.',
    ],
    [
      "text that is too long, shortened",
      { storage: { ...storage, region: "x".repeat(70) } },
      `platform.storage.region is "${"x".repeat(60)}…", expected text of at most 63 characters. Fix: write text of at most 63 characters.`,
    ],
    [
      "a number where a name goes",
      { environment: 1 },
      'platform.environment is 1, expected a short name. Fix: put it in quotes: "1".',
    ],
    [
      "one value where a list goes",
      { collector: { gateway: { public: { dnsNames: "otlp.example.com" } } } },
      'platform.collector.gateway.public.dnsNames is "otlp.example.com" (text), expected a list. Fix: write [otlp.example.com].',
    ],
    [
      "a wrong entry of a list",
      { collector: { gateway: { public: { dnsNames: ["a.example.com", "https://b"] } } } },
      'platform.collector.gateway.public.dnsNames[1] is "https://b", expected a DNS name. Fix: write it in lower case, without scheme and port, as in otlp.example.com.',
    ],
    [
      "an entry that lacks something",
      { collector: { sampler: { keep: { rules: [{ name: "noise", route: "/health" }] } } } },
      "platform.collector.sampler.keep.rules[0].percentage is missing. Fix: under platform.collector.sampler.keep.rules[0] write `percentage: <percentage>`.",
    ],
    [
      "a misspelt key of an entry",
      { collector: { sampler: { keep: { rules: [{ name: "a", rout: "/a", percentage: 0 }] } } } },
      "platform.collector.sampler.keep.rules[0].rout is unknown: did you mean route? Fix: write route.",
    ],
    [
      "a registry with its scheme",
      { images: { registry: "https://mirror.example.com" } },
      'platform.images.registry is "https://mirror.example.com", expected a registry\'s host and path. Fix: write it without scheme and without a slash at the end, as in mirror.example.com/hub.',
    ],
    [
      "a DNS name with nothing between two dots",
      { cluster: { name: "test", domain: "cluster..local" } },
      'platform.cluster.domain is "cluster..local", expected a DNS name. Fix: use lower-case letters, digits and dashes, with single dots between them, as in cluster.local.',
    ],
    [
      "a name that no Kubernetes object can have",
      { cluster: { name: "test", storageClass: "Fast/SSD" } },
      'platform.cluster.storageClass is "Fast/SSD", expected the name of a Kubernetes object. Fix: use lower-case letters, digits, dots and dashes, with a letter or digit at either end.',
    ],
    [
      "a port twice, which a network policy would hold twice",
      { cluster: { name: "test", apiServerPorts: [443, 443] } },
      "platform.cluster.apiServerPorts has 443 twice. Fix: remove one of them.",
    ],
    [
      "what is not a number at all",
      { loki: { replicas: NaN } },
      "platform.loki.replicas is NaN, expected a whole number from 1 to 50. Fix: write a whole number from 1 to 50.",
    ],
    [
      "an empty list that must not be",
      { cluster: { name: "test", apiServerPorts: [] } },
      "platform.cluster.apiServerPorts is an empty list, expected a list of at least 1. Fix: add an entry, or remove the key to have its default.",
    ],
    [
      "an entry twice",
      { examples: ["hello", "hello"] },
      'platform.examples has "hello" twice. Fix: remove one of them.',
    ],
    [
      "a mapping left empty",
      { tempo: null },
      "platform.tempo is empty, expected a mapping. Fix: write a value, or remove the key.",
    ],
    [
      "an annotation that is no text, named as Pulumi's paths are",
      { storage: { ...storage, serviceAccountAnnotations: { "example.com/role": 5 } } },
      'platform.storage.serviceAccountAnnotations["example.com/role"] is 5, expected text. Fix: put it in quotes: "5".',
    ],
    [
      "a value that was encrypted",
      { namespace: { secure: "v1:abc" } },
      "platform.namespace is encrypted, and nothing under platform may be. Fix: write the value in plain; the platform's secrets have keys of their own, made by `npm run secrets`.",
    ],
  ])("%s", (_, overrides, message) => {
    expect(messageOf({ ...base, ...overrides })).toBe(`${source}: ${message}`);
  });
});

describe("what must be written", () => {
  it.each<[string, unknown, string]>([
    [
      "nothing at all",
      undefined,
      "platform is missing. Fix: under config write `sightline:platform: { environment: <environment>, cluster: { name: <name> } }`.",
    ],
    [
      "no cluster",
      { environment: "test", storage },
      "platform.cluster is missing. Fix: under platform write `cluster: { name: <name> }`.",
    ],
    [
      "no cluster name",
      { environment: "test", cluster: {}, storage },
      "platform.cluster.name is missing. Fix: under platform.cluster write `name: <name>`.",
    ],
    [
      "a needed key misspelt is one mistake",
      { enviroment: "test", cluster: { name: "test" }, storage },
      "platform.enviroment is unknown: did you mean environment? Fix: write environment.",
    ],
    [
      "text instead of a mapping",
      "dev",
      'platform is "dev" (text), expected a mapping. Fix: write a mapping.',
    ],
  ])("%s", (_, value, message) => {
    expect(messageOf(value)).toBe(`${source}: ${message}`);
  });
});

it("lists every mistake, a line each", () => {
  const message = messageOf({
    environment: 1,
    cluster: {},
    storage,
    loki: { replicas: 0, retentionDay: 1 },
  });
  expect(message.split("\n")).toHaveLength(4);
  expect(message.split("\n").every((line) => line.startsWith(`${source}: platform.`))).toBe(true);
});

it("never shows the value of an unknown key, which may be a misplaced secret", () => {
  expect(messageOf({ ...base, grafana: { password: "hunter2" } })).not.toContain("hunter2");
});

it("has words for every pattern of the schema", () => {
  const patterns = schemaKeys().flatMap(({ node }) => [
    node.pattern,
    node.items?.pattern,
    node.propertyNames?.pattern,
  ]);
  const used = new Set(patterns.filter((pattern) => pattern !== undefined));
  expect([...used].sort()).toEqual(Object.keys(patternWords).sort());
});

describe("did you mean", () => {
  it.each<[string, string | undefined]>([
    ["replcas", "replicas"],
    ["Replicas", "replicas"],
    ["retention", undefined],
    ["kindd", "kind"],
    ["x", undefined],
  ])("%s: %s", (word, expected) => {
    expect(didYouMean(word, ["replicas", "retentionDays", "kind"])).toBe(expected);
  });
});
