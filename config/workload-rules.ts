import type { ConfigIssue } from "./issue.ts";
import { decisionTickMs, traceWaits } from "./lag.ts";
import type { Facts, Rule } from "./rule.ts";
import {
  busiestSignal,
  gatewayPeakCores,
  outageRecords,
  peakMiB,
  samplerPeakCores,
  tracesPerSampler,
  type Workload,
} from "./workload.ts";
import { prometheusSeriesBytes } from "./workload-figures.ts";
import { bytesPerMiB } from "./units.ts";

const workloadPath = "platform.workload";
const gateway = "platform.collector.gateway";
const sampler = "platform.collector.sampler";

/** A rule that holds only where a workload is given. */
function withWorkload(
  check: (facts: Facts, workload: Workload) => ConfigIssue | undefined,
): Rule["check"] {
  return (facts) => {
    const { workload } = facts.settings;
    const issue = workload === undefined ? undefined : check(facts, workload);
    return issue === undefined ? [] : [issue];
  };
}

function withinLimits({ settings }: Facts): ConfigIssue[] {
  return settings.sizing
    .filter(({ isWritten, derived, value }) => !isWritten && derived > value)
    .map(({ path, derived, value, how }) => {
      const problem = `asks for ${path} ${derived} (${how}), above its most, ${value}`;
      const fix = `spread the load over several stacks, or write ${path} yourself if less will do`;
      return { path: workloadPath, problem, fix };
    });
}

const queueBridgesOutage = withWorkload(({ settings, shown }, workload) => {
  const { queue, replicas } = settings.collector.gateway;
  const needed = outageRecords(settings, workload);
  if (queue.maxRecords >= needed) return undefined;
  const { signal, perSecond } = busiestSignal(workload);
  const each = Math.ceil(perSecond / replicas.min);
  const minutes = Math.floor(queue.maxRecords / each / 60);
  const path = `${gateway}.queue.maxRecords`;
  const problem = `is ${shown(path)}: with replicas.min ${shown(`${gateway}.replicas.min`)}, one gateway gets ${each} records of ${signal} a second at the workload's peak, which fill it in ${minutes} minutes, below workload.outageMinutes ${shown(`${workloadPath}.outageMinutes`)}`;
  const fix = `raise it to ${needed} or more (or leave it out: it is derived), raise replicas.min, or lower outageMinutes to ${minutes}`;
  return { path, problem, fix };
});

const outageWithinReplay = withWorkload(({ settings, shown }, { outageMinutes }) => {
  if (outageMinutes < settings.replayMinutes) return undefined;
  const path = `${workloadPath}.outageMinutes`;
  const problem = `is ${shown(path)}, not below platform.replayMinutes ${shown("platform.replayMinutes")}: Loki and Prometheus would refuse for ever what waited longest`;
  const fix = `raise replayMinutes above ${outageMinutes}, or lower it below ${settings.replayMinutes}`;
  return { path, problem, fix };
});

function peakFitsCpu(
  tier: "gateway" | "sampler",
  cores: (workload: Workload) => number,
): Rule["check"] {
  return withWorkload(({ settings, shown }, workload) => {
    const { resources, replicas } = settings.collector[tier];
    const most = typeof replicas === "number" ? replicas : replicas.max;
    const needed = cores(workload);
    const limit = resources.cpuLimitMillicores / 1_000;
    if (needed <= most * limit) return undefined;
    const key = tier === "gateway" ? "replicas.max" : "replicas";
    const path = `${tier === "gateway" ? gateway : sampler}.${key}`;
    const problem = `is ${shown(path)}, too few for the workload's peak: it needs ${(Math.ceil(needed * 10) / 10).toFixed(1)} cores, above the ${(most * limit).toFixed(1)} that they may use`;
    const fix = `raise it to ${Math.ceil(needed / limit)} or more (or leave it out: it is derived)`;
    return { path, problem, fix };
  });
}

function rateHoldsPeak(
  backend: "loki" | "tempo",
  perSecond: (workload: Workload) => number,
): Rule["check"] {
  return withWorkload(({ settings, shown }, workload) => {
    const peak = peakMiB(perSecond(workload), workload);
    if (peak < settings[backend].ingestionRateMiB) return undefined;
    const path = `platform.${backend}.ingestionRateMiB`;
    const problem = `is ${shown(path)}, not above the ${peak.toFixed(1)} MiB a second of the workload's peak`;
    const fix = `raise it to ${Math.ceil(2 * peak)}, so that what waited is taken beside what comes (or leave it out: it is derived)`;
    return { path, problem, fix };
  });
}

const tracesFit = withWorkload(({ settings, shown }, workload) => {
  const { maxTraces } = settings.collector.sampler;
  const waitMs =
    traceWaits(settings).find(({ where }) => where === "decision")?.ms ?? decisionTickMs;
  const needed = Math.ceil((tracesPerSampler(settings, workload) * waitMs) / 1_000);
  if (maxTraces >= needed) return undefined;
  const path = `${sampler}.maxTraces`;
  const problem = `is ${shown(path)}, below the ${needed} traces that each of sampler.replicas ${shown(`${sampler}.replicas`)} holds at the workload's peak while it waits for stragglers`;
  const fix = `raise it to ${needed} or more (or leave it out: it is derived), or raise sampler.replicas`;
  return { path, problem, fix };
});

const seriesFit = withWorkload(({ number, shown }, { series }) => {
  const path = "platform.prometheus.resources.memoryMiB";
  const needed = Math.ceil((series * prometheusSeriesBytes.least) / bytesPerMiB);
  if (number(path) >= needed) return undefined;
  const problem = `is ${shown(path)}, less than workload.series ${series} need`;
  const fix = `raise it to ${needed} at the very least (or leave it out: it is derived)`;
  return { path, problem, fix };
});

/** What is written against what the platform must carry. */
export const workloadRules: readonly Rule[] = [
  {
    name: "workload-within-limits",
    why: "Sizes that were cut to their most would not carry what was asked for.",
    check: withinLimits,
  },
  {
    name: "queue-bridges-outage",
    why: "A queue that is full before the backend is back refuses, and senders lose what they cannot hold.",
    check: queueBridgesOutage,
  },
  {
    name: "outage-within-replay",
    why: "What comes later than a backend accepts is refused for good: the queue would have held it for nothing.",
    check: outageWithinReplay,
  },
  {
    name: "gateways-carry-peak",
    why: "Gateways at the end of their CPU refuse, and queues fill from the other side.",
    check: peakFitsCpu("gateway", gatewayPeakCores),
  },
  {
    name: "samplers-carry-peak",
    why: "Samplers at the end of their CPU hold the gateways up, and traces come late.",
    check: peakFitsCpu("sampler", samplerPeakCores),
  },
  {
    name: "traces-fit-samplers",
    why: "A sampler that holds as many traces as it may takes no new one until the next decision.",
    check: tracesFit,
  },
  {
    name: "loki-rate-holds-peak",
    why: "At its limit Loki refuses, and queues fill without an outage.",
    check: rateHoldsPeak("loki", ({ logsPerSecond }) => logsPerSecond),
  },
  {
    name: "tempo-rate-holds-peak",
    why: "At its limit Tempo refuses, and samplers hold up the gateways in the hour when everything fails.",
    check: rateHoldsPeak("tempo", ({ spansPerSecond }) => spansPerSecond),
  },
  {
    name: "prometheus-memory-holds-series",
    why: "Prometheus is killed when it runs out of memory, and takes minutes to read its log again.",
    check: seriesFit,
  },
];
