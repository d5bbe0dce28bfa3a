import { agentRules } from "./agent-rules.ts";
import { capacityRules } from "./capacity-rules.ts";
import { cloudRules } from "./cloud-rules.ts";
import { ingressRules } from "./ingress-rules.ts";
import { fanOutRules } from "./fan-out-rules.ts";
import type { ConfigIssue } from "./issue.ts";
import { factsOf, ordered, type Facts, type Rule } from "./rule.ts";
import { samplingRules } from "./sampling-rules.ts";
import { scalingRules } from "./scaling-rules.ts";
import type { Settings } from "./settings.ts";
import { bytesPerMiB } from "./units.ts";
import { workloadRules } from "./workload-rules.ts";
import { writtenValueRules } from "./written-value-rules.ts";

const withResources = [
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
] as const;

const cpuRules = withResources.map((workload) =>
  ordered({
    name: `cpu-request-in-limit-${workload.replace("collector.", "")}`,
    why: "Kubernetes refuses a pod that asks for more than it may use.",
    lower: `platform.${workload}.resources.cpuRequestMillicores`,
    upper: `platform.${workload}.resources.cpuLimitMillicores`,
  }),
);

function replicasWithObjectStore(backend: "loki" | "tempo"): Rule["check"] {
  return ({ settings, shown }) => {
    if (settings[backend].replicas === 1 || settings.storage.kind === "s3") return [];
    const path = `platform.${backend}.replicas`;
    const problem = `is ${shown(path)}, but with storage.kind ${shown("platform.storage.kind")} each replica would have only its own part`;
    const bucket = `${backend}Bucket`;
    const fix = `set it to 1, or set storage.kind to s3 with a ${bucket}`;
    return [{ path, problem, fix }];
  };
}

function buckets({ settings, shown }: Facts): ConfigIssue[] {
  const { kind, lokiBucket, tempoBucket } = settings.storage;
  const named = { lokiBucket, tempoBucket };
  const issues = Object.entries(named).flatMap(([key, bucket]): ConfigIssue[] => {
    const path = `platform.storage.${key}`;
    if (kind === "s3" && bucket === undefined) {
      const problem = "is missing, but storage.kind is s3";
      return [{ path, problem, fix: `under platform.storage write \`${key}: <bucket>\`` }];
    }
    if (kind === "volume" && bucket !== undefined) {
      const problem = `is ${bucket}, but with storage.kind ${shown("platform.storage.kind")} nothing is put there`;
      return [{ path, problem, fix: "set storage.kind to s3, or remove it" }];
    }
    return [];
  });
  if (kind === "s3" && lokiBucket !== undefined && lokiBucket === tempoBucket) {
    const path = "platform.storage.tempoBucket";
    const problem = `is ${tempoBucket}, and so is lokiBucket: Tempo would take Loki's folders for tenants`;
    issues.push({ path, problem, fix: "give each a bucket of its own" });
  }
  return issues;
}

function identity({ settings }: Facts): ConfigIssue[] {
  const { kind, credentials, serviceAccountAnnotations } = settings.storage;
  if (kind !== "s3" || credentials !== "identity" || settings.aws !== undefined) return [];
  if (Object.keys(serviceAccountAnnotations).length > 0) return [];
  const path = "platform.storage.serviceAccountAnnotations";
  const problem = "is empty, but storage.credentials is identity";
  const fix =
    "write the annotation by which the cloud knows the pods, such as `eks.amazonaws.com/role-arn: <role>`, or set storage.credentials to keys";
  return [{ path, problem, fix }];
}

function holdsBatch(path: string): Rule["check"] {
  return ({ number, shown }) => {
    const [recordsPath, bytesPath] = [
      "platform.collector.gateway.batch.maxRecords",
      "platform.collector.gateway.queue.recordBytes",
    ];
    const batchBytes = number(recordsPath) * number(bytesPath);
    const burst = number(path);
    if (batchBytes <= burst * bytesPerMiB) return [];
    const fitting = Math.floor((burst * bytesPerMiB) / number(bytesPath));
    const problem = `is ${shown(path)}, less than one batch: ${recordsPath} ${shown(recordsPath)} × ${bytesPath} ${shown(bytesPath)}`;
    const needed = Math.ceil(batchBytes / bytesPerMiB);
    const fix = `raise it to ${needed} or more, or lower batch.maxRecords to ${fitting} or less`;
    return [{ path, problem, fix }];
  };
}

function decisionWaits({ settings, shown }: Facts): ConfigIssue[] {
  const { decisionWaitAfterRootMs, decisionWaitSeconds } = settings.collector.sampler;
  if (decisionWaitAfterRootMs < decisionWaitSeconds * 1_000) return [];
  const path = "platform.collector.sampler.decisionWaitAfterRootMs";
  const other = "platform.collector.sampler.decisionWaitSeconds";
  const problem = `is ${shown(path)}, not below sampler.decisionWaitSeconds ${shown(other)}`;
  const fix = `lower it below ${decisionWaitSeconds * 1_000}, or raise decisionWaitSeconds`;
  return [{ path, problem, fix }];
}

const refusedForEver = "What is larger than the burst is refused at every retry, for ever.";

/** Everything that must hold between several keys, once each key by itself fits the schema. */
export const rules: readonly Rule[] = [
  ordered({
    name: "gateway-replicas-range",
    why: "Kubernetes refuses an autoscaler whose most is below its least.",
    lower: "platform.collector.gateway.replicas.min",
    upper: "platform.collector.gateway.replicas.max",
  }),
  ...cpuRules,
  ...capacityRules,
  ...agentRules,
  ...scalingRules,
  {
    name: "decision-wait-after-root",
    why: "The sampler decides at the earlier of the two waits; a root span would change nothing.",
    check: decisionWaits,
  },
  ...samplingRules,
  ...workloadRules,
  {
    name: "loki-replicas-need-object-store",
    why: "Replicas on volumes of their own would each answer with another part of the logs.",
    check: replicasWithObjectStore("loki"),
  },
  {
    name: "tempo-replicas-need-object-store",
    why: "Replicas on volumes of their own would each answer with another part of the traces.",
    check: replicasWithObjectStore("tempo"),
  },
  {
    name: "object-store-buckets",
    why: "Data would go nowhere, or where nobody expects it.",
    check: buckets,
  },
  {
    name: "identity-needs-annotations",
    why: "Without them the pods have neither keys nor a role, and every write is refused.",
    check: identity,
  },
  ...ingressRules,
  ...cloudRules,
  ...fanOutRules,
  ...writtenValueRules,
  ordered({
    name: "value-in-metadata",
    why: "One value that is allowed would be cut with all others of its log.",
    lower: "platform.collector.processing.limits.valueBytes",
    upper: "platform.collector.processing.limits.metadataBytes",
  }),
  ordered({
    name: "loki-burst-holds-rate",
    why: "A burst below the rate caps the rate.",
    lower: "platform.loki.ingestionRateMiB",
    upper: "platform.loki.ingestionBurstMiB",
  }),
  ordered({
    name: "loki-stream-burst-holds-rate",
    why: "A burst below the rate caps the rate.",
    lower: "platform.loki.streamRateMiB",
    upper: "platform.loki.streamBurstMiB",
  }),
  ordered({
    name: "loki-stream-rate-in-rate",
    why: "One stream cannot have more than all streams together.",
    lower: "platform.loki.streamRateMiB",
    upper: "platform.loki.ingestionRateMiB",
  }),
  ordered({
    name: "loki-stream-burst-in-burst",
    why: "One stream cannot have more than all streams together.",
    lower: "platform.loki.streamBurstMiB",
    upper: "platform.loki.ingestionBurstMiB",
  }),
  ordered({
    name: "loki-stream-burst-holds-request",
    why: refusedForEver,
    lower: "platform.collector.gateway.maxRequestMiB",
    upper: "platform.loki.streamBurstMiB",
  }),
  {
    name: "loki-stream-burst-holds-batch",
    why: refusedForEver,
    check: holdsBatch("platform.loki.streamBurstMiB"),
  },
  ordered({
    name: "tempo-burst-holds-rate",
    why: "A burst below the rate caps the rate.",
    lower: "platform.tempo.ingestionRateMiB",
    upper: "platform.tempo.ingestionBurstMiB",
  }),
  ordered({
    name: "tempo-burst-holds-trace",
    why: refusedForEver,
    lower: "platform.tempo.maxTraceMiB",
    upper: "platform.tempo.ingestionBurstMiB",
  }),
  {
    name: "tempo-burst-holds-batch",
    why: refusedForEver,
    check: holdsBatch("platform.tempo.ingestionBurstMiB"),
  },
];

/** Everything that the rules have to say. `written` is what the user wrote, before defaults. */
export function ruleIssues(settings: Settings, written: unknown): ConfigIssue[] {
  const facts = factsOf(settings, written);
  return rules.flatMap((rule) => rule.check(facts));
}
