import { describe, expect, it } from "vitest";
import { lateSignals } from "./capacity-rules.ts";
import { fanOutRows } from "./fan-out-rules.rows.ts";
import { ConfigError } from "./issue.ts";
import { parseConfig } from "./parse.ts";
import { factsOf } from "./rule.ts";
import { rules } from "./rules.ts";
import { mergeOverlay } from "./stack-file.ts";

const source = "Pulumi.test.yaml";
const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};

interface Row {
  readonly rule: string;
  /** Just inside. */
  readonly passes: object;
  /** Just outside. */
  readonly fails: object;
  readonly message: string;
}

const gateway = (values: object) => ({ collector: { gateway: values } });
const balancer = (values: object) => ({ collector: { balancer: values } });
const agent = (values: object) => ({ collector: { agent: values } });
const sampler = (values: object) => ({ collector: { sampler: values } });
const keepRules = (...rules: object[]) => sampler({ keep: { rules } });
const working = (workload: object, written: object) => ({ workload, ...written });
const busy = { logsPerSecond: 10_000, spansPerSecond: 1_000, series: 300_000 };
const quiet = { logsPerSecond: 0, spansPerSecond: 0, series: 0 };
const lokiRate = (ingestionRateMiB: number) => ({
  loki: { ingestionRateMiB, streamRateMiB: ingestionRateMiB },
});
const prometheusMemory = (memoryMiB: number) => ({ prometheus: { resources: { memoryMiB } } });
const toOneSampler = (values: object) => ({
  collector: { gateway: values, sampler: { replicas: 1 } },
});
const onAws = (storage: object) => ({
  aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/1" },
  storage: { credentials: "identity", ...storage },
});
const built = (images: object, drainSeconds = 0) => ({
  images: { buildFor: "linux/arm64", ...images },
  ...gateway({ drainSeconds }),
});
const onVolumes = { kind: "volume", lokiBucket: null, tempoBucket: null };

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

const rows: Row[] = [
  ...fanOutRows,
  {
    rule: "gateway-replicas-range",
    passes: gateway({ replicas: { min: 2, max: 2 } }),
    fails: gateway({ replicas: { max: 2 } }),
    message:
      "platform.collector.gateway.replicas.max is 2, below replicas.min 3 (default). Fix: raise it to 3 or more, or lower replicas.min to 2 or less.",
  },
  ...cpuRows,
  {
    rule: "gateway-limiter-in-container",
    passes: gateway({ resources: { memoryMiB: 2_560 } }),
    fails: gateway({ resources: { memoryMiB: 2_559 } }),
    message:
      "platform.collector.gateway.resources.memoryMiB is 2559, of which Go may use 2047, below memoryLimiter.limitMiB 2048 (default). Fix: raise it to 2560 or more (or leave it out: it is derived), or lower memoryLimiter.limitMiB to 2047 or less.",
  },
  {
    rule: "agent-limiter-in-container",
    passes: agent({ memoryLimitMiB: 409 }),
    fails: agent({ memoryLimitMiB: 410 }),
    message:
      "platform.collector.agent.resources.memoryMiB is 512 (default), of which Go may use 409, below memoryLimitMiB 410. Fix: raise it to 513 or more, or lower memoryLimitMiB to 409 or less.",
  },
  {
    rule: "batch-in-agents-queues",
    passes: agent({ queue: { maxRecords: 1_000 } }),
    fails: agent({ queue: { maxRecords: 999 } }),
    message:
      "platform.collector.agent.queue.maxRecords is 999, below collector.gateway.batch.maxRecords 1000 (default). Fix: raise it to 1000 or more, or lower collector.gateway.batch.maxRecords to 999 or less.",
  },
  {
    rule: "agent-queues-fit-disk",
    // 100 MiB × 80 % / (3 queues × 1024 bytes × 1.2)
    passes: agent({ queue: { maxRecords: 22_755, diskMiB: 100 } }),
    fails: agent({ queue: { maxRecords: 22_756, diskMiB: 100 } }),
    message:
      "platform.collector.agent.queue.diskMiB is 100, too little for 3 full queues (logs, traces, metrics) of queue.maxRecords 22756 × gateway.queue.recordBytes 1024 (default), with a fifth for the queue's database and a fifth free. Fix: raise it to 101 or more, or lower queue.maxRecords to 22755 or less.",
  },
  {
    rule: "sampler-limiter-in-container",
    passes: sampler({ memoryLimitMiB: 2_048 }),
    fails: sampler({ memoryLimitMiB: 2_049 }),
    message:
      "platform.collector.sampler.resources.memoryMiB is 2560 (default), of which Go may use 2048, below memoryLimitMiB 2049. Fix: raise it to 2562 or more, or lower memoryLimitMiB to 2048 or less.",
  },
  {
    rule: "spike-below-limit",
    passes: gateway({
      autoscaling: {},
      replicas: { min: 1, max: 1 },
      memoryLimiter: { limitMiB: 100, spikeMiB: 99 },
    }),
    fails: gateway({
      replicas: { min: 1, max: 1 },
      memoryLimiter: { limitMiB: 100, spikeMiB: 100 },
    }),
    message:
      "platform.collector.gateway.memoryLimiter.limitMiB is 100, not above memoryLimiter.spikeMiB 100. Fix: raise it above 100, or lower memoryLimiter.spikeMiB below 100.",
  },
  {
    rule: "spike-holds-request",
    passes: gateway({ memoryLimiter: { limitMiB: 64 }, maxRequestMiB: 16 }),
    fails: gateway({ memoryLimiter: { limitMiB: 64 }, maxRequestMiB: 17 }),
    message:
      "platform.collector.gateway.memoryLimiter.spikeMiB is 16 (derived), below gateway.maxRequestMiB 17. Fix: raise it to 17 or more, or lower gateway.maxRequestMiB to 16 or less.",
  },
  {
    rule: "scales-before-refusing",
    passes: gateway({ autoscaling: { memoryPercent: 59 } }),
    fails: gateway({ autoscaling: { memoryPercent: 60 } }),
    message:
      "platform.collector.gateway.autoscaling.memoryPercent is 60, but from 1536 of resources.memoryMiB 2560 (derived) on the memory limiter refuses, so that memory never gets there. Fix: lower it to 59 or less.",
  },
  {
    rule: "drain-outlasts-connections",
    // 66 s until the last connection is 60 s old, and 35 s to see that nothing follows.
    passes: gateway({ drainSeconds: 101 }),
    fails: gateway({ drainSeconds: 100 }),
    message:
      "platform.collector.gateway.drainSeconds is 100, too short: senders keep a connection for up to connectionAgeSeconds 60 (default) and a tenth more, and empty queues must be seen for 35 s after that. Fix: raise it to 101 or more, lower connectionAgeSeconds, or set it to 0 for no draining.",
  },
  {
    rule: "queue-fill-scales",
    passes: gateway({ autoscaling: { queueFillPercent: 50 } }),
    fails: gateway({ autoscaling: { queueFillPercent: 50 }, replicas: { min: 3, max: 3 } }),
    message:
      "platform.collector.gateway.autoscaling.queueFillPercent is 50, but replicas.min and replicas.max are both 3: nothing is scaled. Fix: raise replicas.max, or remove it.",
  },
  {
    rule: "value-in-metadata",
    passes: { collector: { processing: { limits: { valueBytes: 8_192, metadataBytes: 8_192 } } } },
    fails: { collector: { processing: { limits: { valueBytes: 8_193, metadataBytes: 8_192 } } } },
    message:
      "platform.collector.processing.limits.metadataBytes is 8192, below limits.valueBytes 8193. Fix: raise it to 8193 or more, or lower limits.valueBytes to 8192 or less.",
  },
  {
    rule: "batch-in-queue",
    passes: toOneSampler({ batch: { maxRecords: 500 }, queue: { maxRecords: 500 } }),
    fails: toOneSampler({ batch: { maxRecords: 501 }, queue: { maxRecords: 500 } }),
    message:
      "platform.collector.gateway.queue.maxRecords is 500, below gateway.batch.maxRecords 501. Fix: raise it to 501 or more, or lower gateway.batch.maxRecords to 500 or less.",
  },
  {
    rule: "disk-queue-fits-volume",
    // 10 GiB × 80 % / (4 queues × 1024 bytes × 1.2)
    passes: gateway({ queue: { maxRecords: 1_747_626, volumeGiB: 10 } }),
    fails: gateway({ queue: { maxRecords: 1_747_627, volumeGiB: 10 } }),
    message:
      "platform.collector.gateway.queue.volumeGiB is 10, too small for 4 full queues (loki, samplers, prometheus 0, prometheus 1) of queue.maxRecords 1747627 × queue.recordBytes 1024 (default), with a fifth for the queue's database and a fifth of the volume free. Fix: raise it to 11 or more, or lower queue.maxRecords to 1747626 or less.",
  },
  {
    rule: "memory-queue-fits-limiter",
    // 1536 MiB / (3 queues × 1024 bytes × 2)
    passes: {
      ...gateway({ queue: { storage: "memory", maxRecords: 262_144 } }),
      prometheus: { replicas: 1 },
    },
    fails: {
      ...gateway({ queue: { storage: "memory", maxRecords: 262_145 } }),
      prometheus: { replicas: 1 },
    },
    message:
      "platform.collector.gateway.queue.maxRecords is 262145, too many to hold in memory: 3 full queues (loki, samplers, prometheus 0) of queue.maxRecords 262145 × queue.recordBytes 1024 (default) take 1537 MiB once decoded, above the 1536 MiB at which the memory limiter refuses. Fix: lower it to 262144 or less, raise memoryLimiter.limitMiB, or set queue.storage to disk.",
  },
  {
    rule: "lag-objectives",
    passes: sampler({ decisionWaitAfterRootMs: 999 }),
    fails: sampler({ decisionWaitAfterRootMs: 1_000 }),
    message:
      "platform.collector.sampler.decisionWaitAfterRootMs is 1000: SDK 200 + agent's batch 200 + gateway's batch 200 + decision 2000 + sampler's batch 200 = 2800 ms, above the 2000 ms in which a trace must be found. Fix: lower it below 1000.",
  },
  {
    rule: "decision-wait-after-root",
    passes: sampler({ decisionWaitSeconds: 1, decisionWaitAfterRootMs: 999 }),
    fails: sampler({ decisionWaitSeconds: 1, decisionWaitAfterRootMs: 1_000 }),
    message:
      "platform.collector.sampler.decisionWaitAfterRootMs is 1000, not below sampler.decisionWaitSeconds 1. Fix: lower it below 1000, or raise decisionWaitSeconds.",
  },
  {
    rule: "keep-rule-has-condition",
    passes: keepRules({ name: "a", route: "/a", percentage: 0 }),
    fails: keepRules({ name: "a", route: "/a", percentage: 0 }, { name: "b", percentage: 5 }),
    message:
      "platform.collector.sampler.keep.rules[1] (b) names no service, route or tenant: every trace would meet it. Fix: add one of them, or remove the rule and set keep.percentage to 5 and keep.budgetSpansPerSecond to 0.",
  },
  {
    rule: "keep-rule-names-once",
    passes: keepRules(
      { name: "a", route: "/a", percentage: 0 },
      { name: "b", route: "/b", percentage: 0 },
    ),
    fails: keepRules(
      { name: "a", route: "/a", percentage: 0 },
      { name: "a", route: "/b", percentage: 0 },
    ),
    message:
      "platform.collector.sampler.keep.rules[1].name is a, and so is the name of rules[0]. Fix: give each a name of its own.",
  },
  {
    rule: "keep-rule-reached",
    passes: keepRules(
      { name: "a", service: "s", route: "/a", percentage: 0 },
      { name: "b", service: "s", route: "/b", tenant: "t", percentage: 50 },
      { name: "c", service: "s", percentage: 100 },
    ),
    fails: keepRules(
      { name: "a", service: "s", percentage: 0 },
      { name: "b", service: "s", tenant: "t", percentage: 50 },
    ),
    message:
      "platform.collector.sampler.keep.rules[1] (b) is never reached: rules[0] (a) takes every trace that would meet it. Fix: move it before rules[0], or remove it.",
  },
  {
    rule: "workload-within-limits",
    // 49 replicas of 0.65 cores each, and one more
    passes: working({ ...quiet, logsPerSecond: 1_061_666, peakFactor: 1 }, {}),
    fails: working({ ...quiet, logsPerSecond: 1_061_667, peakFactor: 1 }, {}),
    message:
      "platform.workload asks for platform.collector.gateway.replicas.min 51 (average CPU over autoscaling.cpuPercent of the request, and one more), above its most, 50. Fix: spread the load over several stacks, or write platform.collector.gateway.replicas.min yourself if less will do.",
  },
  {
    rule: "queue-bridges-outage",
    // 20,000 logs a second at the peak for 30 minutes, over three gateways
    passes: working(busy, gateway({ replicas: { min: 3 }, queue: { maxRecords: 12_000_000 } })),
    fails: working(busy, gateway({ replicas: { min: 3 }, queue: { maxRecords: 11_999_999 } })),
    message:
      "platform.collector.gateway.queue.maxRecords is 11999999: with replicas.min 3, one gateway gets 6667 records of logs a second at the workload's peak, which fill it in 29 minutes, below workload.outageMinutes 30 (default). Fix: raise it to 12000000 or more (or leave it out: it is derived), raise replicas.min, or lower outageMinutes to 29.",
  },
  {
    rule: "outage-within-replay",
    passes: working({ ...busy, outageMinutes: 59 }, {}),
    fails: working({ ...busy, outageMinutes: 60 }, {}),
    message:
      "platform.workload.outageMinutes is 60, not below platform.replayMinutes 60 (default): Loki and Prometheus would refuse for ever what waited longest. Fix: raise replayMinutes above 60, or lower it below 60.",
  },
  {
    rule: "gateways-carry-peak",
    // 100,000 × 2 × 30 µs = 6 cores
    passes: working(
      { ...quiet, logsPerSecond: 100_000 },
      gateway({ replicas: { min: 2, max: 2 }, resources: { cpuLimitMillicores: 3_000 } }),
    ),
    fails: working(
      { ...quiet, logsPerSecond: 100_001 },
      gateway({ replicas: { min: 2, max: 2 }, resources: { cpuLimitMillicores: 3_000 } }),
    ),
    message:
      "platform.collector.gateway.replicas.max is 2, too few for the workload's peak: it needs 6.1 cores, above the 6.0 that they may use. Fix: raise it to 3 or more (or leave it out: it is derived).",
  },
  {
    rule: "samplers-carry-peak",
    // 100,000 × 2 × 20 µs = 4 cores
    passes: working({ ...quiet, spansPerSecond: 100_000 }, sampler({ replicas: 2 })),
    fails: working({ ...quiet, spansPerSecond: 100_001 }, sampler({ replicas: 2 })),
    message:
      "platform.collector.sampler.replicas is 2, too few for the workload's peak: it needs 4.1 cores, above the 4.0 that they may use. Fix: raise it to 3 or more (or leave it out: it is derived).",
  },
  {
    rule: "traces-fit-samplers",
    // 10,000 × 2 spans in traces of one, over two samplers, for a second
    passes: working(
      { ...quiet, spansPerSecond: 10_000, spansPerTrace: 1 },
      sampler({ replicas: 2, maxTraces: 10_000 }),
    ),
    fails: working(
      { ...quiet, spansPerSecond: 10_000, spansPerTrace: 1 },
      sampler({ replicas: 2, maxTraces: 9_999 }),
    ),
    message:
      "platform.collector.sampler.maxTraces is 9999, below the 10000 traces that each of sampler.replicas 2 holds at the workload's peak while it waits for stragglers. Fix: raise it to 10000 or more (or leave it out: it is derived), or raise sampler.replicas.",
  },
  {
    rule: "loki-rate-holds-peak",
    // 1024 × 2 × 1024 bytes = 2 MiB a second
    passes: working({ ...quiet, logsPerSecond: 1_023 }, lokiRate(2)),
    fails: working({ ...quiet, logsPerSecond: 1_024 }, lokiRate(2)),
    message:
      "platform.loki.ingestionRateMiB is 2, not above the 2.0 MiB a second of the workload's peak. Fix: raise it to 4, so that what waited is taken beside what comes (or leave it out: it is derived).",
  },
  {
    rule: "tempo-rate-holds-peak",
    passes: working({ ...quiet, spansPerSecond: 1_023 }, { tempo: { ingestionRateMiB: 2 } }),
    fails: working({ ...quiet, spansPerSecond: 1_024 }, { tempo: { ingestionRateMiB: 2 } }),
    message:
      "platform.tempo.ingestionRateMiB is 2, not above the 2.0 MiB a second of the workload's peak. Fix: raise it to 4, so that what waited is taken beside what comes (or leave it out: it is derived).",
  },
  {
    rule: "prometheus-memory-holds-series",
    passes: working({ ...quiet, series: 357_913 }, prometheusMemory(1_024)),
    fails: working({ ...quiet, series: 357_914 }, prometheusMemory(1_024)),
    message:
      "platform.prometheus.resources.memoryMiB is 1024, less than workload.series 357914 need. Fix: raise it to 1025 at the very least (or leave it out: it is derived).",
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
      storage: { credentials: "identity", serviceAccountAnnotations: { "example.com/role": "r" } },
    },
    fails: { storage: { credentials: "identity" } },
    message:
      "platform.storage.serviceAccountAnnotations is empty, but storage.credentials is identity. Fix: write the annotation by which the cloud knows the pods, such as `eks.amazonaws.com/role-arn: <role>`, or set storage.credentials to keys.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: onAws({ endpoint: "https://store.example.com:9000" }),
    message:
      "platform.storage.endpoint is https://store.example.com:9000, but the buckets of platform.aws are at AWS's own. Fix: remove it, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({ serviceAccountAnnotations: { "example.com/owner": "us" } }),
    fails: onAws({ serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": "r" } }),
    message:
      "platform.storage.serviceAccountAnnotations has eks.amazonaws.com/role-arn r, but platform.aws makes a role for each. Fix: remove that annotation, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: onAws({ credentials: null }),
    message:
      "platform.storage.credentials is keys (default), but platform.aws makes roles for Loki and Tempo. Fix: set it to identity, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: { ...onAws(onVolumes), loki: { replicas: 1 }, tempo: { replicas: 1 } },
    message:
      "platform.storage.kind is volume, but platform.aws is for buckets. Fix: set it to s3 with a lokiBucket and a tempoBucket, or remove platform.aws.",
  },
  {
    rule: "built-images-are-pushed",
    passes: built({ registry: "mirror.example.com" }, 300),
    fails: built({}, 300),
    message:
      "platform.images.registry is missing, but images.buildFor is linux/arm64: what is built must be pushed to where nodes pull it. Fix: under platform.images write `registry: <registry>`, or remove buildFor.",
  },
  {
    rule: "built-images-are-pushed",
    passes: { ...built({ registry: "mirror.example.com" }), examples: ["hello"] },
    fails: built({ registry: "mirror.example.com" }),
    message:
      "platform.images.buildFor is linux/arm64, but platform.examples is empty and no gateway drains: there is nothing to build. Fix: remove it, or set examples to [hello].",
  },
  {
    rule: "namespace-of-its-own",
    passes: { namespace: "kube-telemetry" },
    fails: { namespace: "kube-system" },
    message:
      "platform.namespace is kube-system, which is the cluster's own: the platform makes its namespace, and removes it on destroy. Fix: name one for the platform alone.",
  },
  {
    rule: "urls-without-secrets",
    passes: { alertmanager: { webhooks: ["https://a.example.com/@x?y=1", "http://b:8080"] } },
    fails: { alertmanager: { webhooks: ["http://b:8080", "https://me:hunter2@a.example.com/"] } },
    message:
      "platform.alertmanager.webhooks[1] holds a user's name or password, which whoever reads the stack's file or the cluster's ConfigMaps would have. Fix: take it for leaked, and write the URL without what is before @.",
  },
  {
    rule: "urls-without-secrets",
    passes: { grafana: { rootUrl: "https://grafana.example.com:65535/" } },
    fails: { grafana: { rootUrl: "https://grafana.example.com:65536/" } },
    message:
      "platform.grafana.rootUrl is no URL that can be dialled. Fix: write scheme, host and at most a port and a path, as in https://host.example.com.",
  },
  {
    rule: "annotation-keys",
    passes: { storage: { serviceAccountAnnotations: { "a.example.com/b_c": "", d: "" } } },
    fails: { storage: { serviceAccountAnnotations: { "a b": "" } } },
    message:
      'platform.storage.serviceAccountAnnotations has the key "a b", which Kubernetes refuses. Fix: write it as in eks.amazonaws.com/role-arn.',
  },
  {
    rule: "endpoint-is-used",
    passes: { storage: { endpoint: "http://store:9000" } },
    fails: {
      storage: { ...onVolumes, endpoint: "http://store:9000" },
      loki: { replicas: 1 },
      tempo: { replicas: 1 },
    },
    message:
      "platform.storage.endpoint is http://store:9000, but with storage.kind volume nothing is put there. Fix: set storage.kind to s3, or remove it.",
  },
  {
    rule: "batch-in-samplers-queues",
    passes: gateway({ batch: { maxRecords: 100 }, queue: { maxRecords: 300 } }),
    fails: gateway({ batch: { maxRecords: 100 }, queue: { maxRecords: 299 } }),
    message:
      "platform.collector.gateway.queue.maxRecords is 299, which the samplers' queues share: for sampler.replicas 3 (default) that is less than batch.maxRecords 100 each. Fix: raise it to 300 or more, or lower batch.maxRecords to 99 or less.",
  },
  {
    rule: "browser-tenant-is-known",
    passes: {
      tenants: ["shop", "web"],
      ...gateway({ browser: { origins: ["https://a.example.com"], tenant: "web" } }),
    },
    fails: { tenants: ["shop"], ...gateway({ browser: { origins: ["https://a.example.com"] } }) },
    message:
      "platform.collector.gateway.browser.tenant is default (default), but platform.tenants has only shop. Fix: write one of these, or add default to platform.tenants.",
  },
  {
    rule: "browser-needs-certificate",
    passes: gateway({ public: { enabled: false } }),
    fails: gateway({
      public: { enabled: false },
      browser: { origins: ["https://a.example.com"] },
    }),
    message:
      "platform.collector.gateway.browser.origins names origins, but public.enabled is false: browsers are shown the public listener's certificate. Fix: set public.enabled to true, or remove the origins.",
  },
  {
    rule: "tls-secret-is-used",
    passes: gateway({ public: { tlsSecret: "otlp-tls" } }),
    fails: gateway({ public: { enabled: false, tlsSecret: "otlp-tls" } }),
    message:
      "platform.collector.gateway.public.tlsSecret is otlp-tls, but public.enabled is false: nobody would see its certificate. Fix: set public.enabled to true, or remove it.",
  },
  {
    rule: "ingress-has-names",
    passes: balancer({ kind: "ingress", ingress: { host: "otlp.example.com" } }),
    fails: balancer({ kind: "ingress" }),
    message:
      "platform.collector.balancer.ingress.host is missing, but balancer.kind is ingress. Fix: write the name that senders dial, such as otlp.example.com.",
  },
  {
    rule: "ingress-has-names",
    passes: {
      collector: {
        gateway: { browser: { origins: ["https://a.example.com"] } },
        balancer: { kind: "ingress", ingress: { host: "a.b", browserHost: "c.b" } },
      },
    },
    fails: {
      collector: {
        gateway: { browser: { origins: ["https://a.example.com"] } },
        balancer: { kind: "ingress", ingress: { host: "a.b", browserHost: "a.b" } },
      },
    },
    message:
      "platform.collector.balancer.ingress.browserHost is a.b, but balancer.kind is ingress and browser.origins names origins: only the name tells browsers' requests from the others'. Fix: write a name that no other sender dials, such as otlp-web.example.com.",
  },
  {
    rule: "ingress-has-names",
    passes: { collector: { gateway: { public: { enabled: false } }, balancer: { kind: "none" } } },
    fails: {
      collector: {
        gateway: { public: { enabled: false } },
        balancer: { kind: "ingress", ingress: { host: "a.b" } },
      },
    },
    message:
      "platform.collector.balancer.kind is ingress, but public.enabled is false: it would lead nowhere. Fix: set public.enabled to true, or kind to none.",
  },
  {
    rule: "connections-fit-memory",
    passes: balancer({ maxConnections: 10_410 }),
    fails: balancer({ maxConnections: 10_411 }),
    message:
      "platform.collector.balancer.resources.memoryMiB is 1024 (default), too little for balancer.maxConnections 10411 of 96 KiB each. Fix: raise it to 1025 or more, or lower maxConnections to 10410 or less.",
  },
  {
    rule: "source-connections-in-all",
    passes: balancer({ maxConnections: 200 }),
    fails: balancer({ maxConnections: 199 }),
    message:
      "platform.collector.balancer.maxConnections is 199, below balancer.maxConnectionsPerSource 200 (default). Fix: raise it to 200 or more, or lower balancer.maxConnectionsPerSource to 199 or less.",
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
];

function issuesOf(overrides: object): string[] {
  try {
    parseConfig(source, mergeOverlay(base, overrides));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

describe("each rule passes just inside its border and says what is wrong just outside", () => {
  it.each(rows)("$rule", ({ passes, fails, message }) => {
    expect(issuesOf(passes)).toEqual([]);
    expect(issuesOf(fails)).toContain(`${source}: ${message}`);
  });
});

it("has a row for every rule", () => {
  expect([...new Set(rows.map(({ rule }) => rule))].sort()).toEqual(
    rules.map(({ name }) => name).sort(),
  );
});

it("names every rule once", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

it("lists what several rules have to say", () => {
  expect(
    issuesOf({ ...gateway({ replicas: { max: 1 } }), storage: { lokiBucket: null } }),
  ).toHaveLength(2);
});

describe("logs are held to their objective", () => {
  const facts = factsOf(parseConfig(source, base), base);

  it.each([
    { objective: 2_401, problems: [] },
    {
      objective: 2_400,
      problems: [
        "is 5000 (default): tail 400 + agent's batch 1000 + gateway's batch 1000 = 2400 ms, not below the 2400 ms in which a log must be found",
      ],
    },
  ])("of $objective ms", ({ objective, problems }) => {
    const issues = lateSignals(facts, { logs: objective, traces: 2_000 });
    expect(issues.map(({ problem }) => problem)).toEqual(problems);
  });
});
