import { expect, it } from "vitest";
import { agentRules } from "./agent-rules.ts";
import { capacityRules } from "./capacity-rules.ts";
import { cloudRules } from "./cloud-rules.ts";
import { fanOutRules } from "./fan-out-rules.ts";
import { ingressRules } from "./ingress-rules.ts";
import { samplingRules } from "./sampling-rules.ts";
import { scalingRules } from "./scaling-rules.ts";
import { workloadRules } from "./workload-rules.ts";
import { writtenValueRules } from "./written-value-rules.ts";
import { rules } from "./rules.ts";
import { type Row, gateway, issuesOf, onVolumes, sampler, testRules } from "./rule-rows.ts";

const cpuRows = [
  "collector.agent",
  "collector.cluster",
  "collector.gateway",
  "collector.sampler",
  "collector.balancer",
  "loki",
  "tempo",
  "prometheus",
  "alertmanager",
  "grafana",
].map((workload): Row => {
  const nested = (values: object) =>
    workload.split(".").reduceRight<object>((inner, step) => ({ [step]: inner }), {
      resources: values,
    });
  return {
    rule: `cpu-request-in-limit-${workload.replace("collector.", "")}`,
    passes: nested({ cpuRequestMillicores: 300, cpuLimitMillicores: 300 }),
    fails: nested({ cpuRequestMillicores: 301, cpuLimitMillicores: 300 }),
    message: `platform.${workload}.resources.cpuLimitMillicores is 300, below resources.cpuRequestMillicores 301. Fix: raise it to 301 or more, or lower resources.cpuRequestMillicores to 300 or less.`,
  };
});

/** Those that stand in no file of their own. */
const others = [
  ...agentRules,
  ...capacityRules,
  ...cloudRules,
  ...fanOutRules,
  ...ingressRules,
  ...samplingRules,
  ...scalingRules,
  ...workloadRules,
  ...writtenValueRules,
];

testRules(
  rules.filter((rule) => !others.includes(rule)),
  [
    ...cpuRows,
    {
      rule: "gateway-replicas-range",
      passes: gateway({ replicas: { min: 2, max: 2 } }),
      fails: gateway({ replicas: { max: 2 } }),
      message:
        "platform.collector.gateway.replicas.max is 2, below replicas.min 3 (default). Fix: raise it to 3 or more, or lower replicas.min to 2 or less.",
    },
    {
      rule: "value-in-metadata",
      passes: {
        collector: { processing: { limits: { valueBytes: 8_192, metadataBytes: 8_192 } } },
      },
      fails: { collector: { processing: { limits: { valueBytes: 8_193, metadataBytes: 8_192 } } } },
      message:
        "platform.collector.processing.limits.metadataBytes is 8192, below limits.valueBytes 8193. Fix: raise it to 8193 or more, or lower limits.valueBytes to 8192 or less.",
    },
    {
      rule: "decision-wait-after-root",
      passes: sampler({ decisionWaitSeconds: 1, decisionWaitAfterRootMs: 999 }),
      fails: sampler({ decisionWaitSeconds: 1, decisionWaitAfterRootMs: 1_000 }),
      message:
        "platform.collector.sampler.decisionWaitAfterRootMs is 1000, not below sampler.decisionWaitSeconds 1. Fix: lower it below 1000, or raise decisionWaitSeconds.",
    },
    {
      rule: "loki-replicas-need-object-store",
      passes: { storage: onVolumes, loki: { replicas: 1 }, tempo: { replicas: 1 } },
      fails: { storage: onVolumes, loki: { replicas: 2 }, tempo: { replicas: 1 } },
      message:
        "platform.loki.replicas is 2, but with storage.kind volume each replica would have only its own part. Fix: set it to 1, or set storage.kind to s3 with a lokiBucket.",
    },
    {
      rule: "tempo-replicas-need-object-store",
      passes: { storage: onVolumes, loki: { replicas: 1 }, tempo: { replicas: 1 } },
      fails: { storage: { ...onVolumes, kind: null }, loki: { replicas: 1 } },
      message:
        "platform.tempo.replicas is 3 (default), but with storage.kind volume (default) each replica would have only its own part. Fix: set it to 1, or set storage.kind to s3 with a tempoBucket.",
    },
    {
      rule: "object-store-buckets",
      passes: { storage: { lokiBucket: "a-bucket", tempoBucket: "b-bucket" } },
      fails: { storage: { tempoBucket: null } },
      message:
        "platform.storage.tempoBucket is missing, but storage.kind is s3. Fix: under platform.storage write `tempoBucket: <bucket>`.",
    },
    {
      rule: "object-store-buckets",
      passes: { storage: onVolumes, loki: { replicas: 1 }, tempo: { replicas: 1 } },
      fails: {
        storage: { ...onVolumes, lokiBucket: "loki-data" },
        loki: { replicas: 1 },
        tempo: { replicas: 1 },
      },
      message:
        "platform.storage.lokiBucket is loki-data, but with storage.kind volume nothing is put there. Fix: set storage.kind to s3, or remove it.",
    },
    {
      rule: "object-store-buckets",
      passes: { storage: { lokiBucket: "one-bucket", tempoBucket: "one-bucket2" } },
      fails: { storage: { lokiBucket: "one-bucket", tempoBucket: "one-bucket" } },
      message:
        "platform.storage.tempoBucket is one-bucket, and so is lokiBucket: Tempo would take Loki's folders for tenants. Fix: give each a bucket of its own.",
    },
    {
      rule: "identity-needs-annotations",
      passes: {
        storage: {
          credentials: "identity",
          serviceAccountAnnotations: { "example.com/role": "r" },
        },
      },
      fails: { storage: { credentials: "identity" } },
      message:
        "platform.storage.serviceAccountAnnotations is empty, but storage.credentials is identity. Fix: write the annotation by which the cloud knows the pods, such as `eks.amazonaws.com/role-arn: <role>`, or set storage.credentials to keys.",
    },
    {
      rule: "loki-burst-holds-rate",
      passes: { loki: { ingestionRateMiB: 32 } },
      fails: { loki: { ingestionRateMiB: 33 } },
      message:
        "platform.loki.ingestionBurstMiB is 32 (default), below loki.ingestionRateMiB 33. Fix: raise it to 33 or more, or lower loki.ingestionRateMiB to 32 or less.",
    },
    {
      rule: "loki-stream-burst-holds-rate",
      passes: { loki: { ingestionRateMiB: 32, streamRateMiB: 30, streamBurstMiB: 30 } },
      fails: { loki: { ingestionRateMiB: 32, streamRateMiB: 31, streamBurstMiB: 30 } },
      message:
        "platform.loki.streamBurstMiB is 30, below loki.streamRateMiB 31. Fix: raise it to 31 or more, or lower loki.streamRateMiB to 30 or less.",
    },
    {
      rule: "loki-stream-rate-in-rate",
      passes: { loki: { ingestionRateMiB: 8, streamRateMiB: 8 } },
      fails: { loki: { ingestionRateMiB: 8 } },
      message:
        "platform.loki.ingestionRateMiB is 8, below loki.streamRateMiB 16 (default). Fix: raise it to 16 or more, or lower loki.streamRateMiB to 8 or less.",
    },
    {
      rule: "loki-stream-burst-in-burst",
      passes: { loki: { ingestionBurstMiB: 32 } },
      fails: { loki: { ingestionBurstMiB: 31 } },
      message:
        "platform.loki.ingestionBurstMiB is 31, below loki.streamBurstMiB 32 (default). Fix: raise it to 32 or more, or lower loki.streamBurstMiB to 31 or less.",
    },
    {
      rule: "loki-stream-burst-holds-request",
      passes: gateway({ maxRequestMiB: 32 }),
      fails: gateway({ maxRequestMiB: 33 }),
      message:
        "platform.loki.streamBurstMiB is 32 (default), below platform.collector.gateway.maxRequestMiB 33. Fix: raise it to 33 or more, or lower platform.collector.gateway.maxRequestMiB to 32 or less.",
    },
    {
      rule: "loki-stream-burst-holds-batch",
      passes: gateway({ batch: { maxRecords: 32_768 } }),
      fails: gateway({ batch: { maxRecords: 32_769 } }),
      message:
        "platform.loki.streamBurstMiB is 32 (default), less than one batch: platform.collector.gateway.batch.maxRecords 32769 × platform.collector.gateway.queue.recordBytes 1024 (default). Fix: raise it to 33 or more, or lower batch.maxRecords to 32768 or less.",
    },
    {
      rule: "tempo-burst-holds-rate",
      passes: { tempo: { ingestionRateMiB: 64 } },
      fails: { tempo: { ingestionRateMiB: 65 } },
      message:
        "platform.tempo.ingestionBurstMiB is 64 (default), below tempo.ingestionRateMiB 65. Fix: raise it to 65 or more, or lower tempo.ingestionRateMiB to 64 or less.",
    },
    {
      rule: "tempo-burst-holds-trace",
      passes: { tempo: { maxTraceMiB: 64 } },
      fails: { tempo: { maxTraceMiB: 65 } },
      message:
        "platform.tempo.ingestionBurstMiB is 64 (default), below tempo.maxTraceMiB 65. Fix: raise it to 65 or more, or lower tempo.maxTraceMiB to 64 or less.",
    },
    {
      rule: "tempo-burst-holds-batch",
      passes: {
        ...gateway({ batch: { maxRecords: 32_768 } }),
        tempo: { ingestionRateMiB: 32, ingestionBurstMiB: 32 },
      },
      fails: {
        ...gateway({ batch: { maxRecords: 32_769 } }),
        loki: { ingestionBurstMiB: 33, streamBurstMiB: 33 },
        tempo: { ingestionRateMiB: 32, ingestionBurstMiB: 32 },
      },
      message:
        "platform.tempo.ingestionBurstMiB is 32, less than one batch: platform.collector.gateway.batch.maxRecords 32769 × platform.collector.gateway.queue.recordBytes 1024 (default). Fix: raise it to 33 or more, or lower batch.maxRecords to 32768 or less.",
    },
  ],
);

it("names every rule once", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

it("lists what several rules have to say", () => {
  expect(
    issuesOf({ ...gateway({ replicas: { max: 1 } }), storage: { lokiBucket: null } }),
  ).toHaveLength(2);
});
