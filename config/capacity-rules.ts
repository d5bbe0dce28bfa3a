import { fanOutQueues } from "./fan-out-rules.ts";
import type { ConfigIssue } from "./issue.ts";
import { decisionTickMs, logWaits, totalMs, traceWaits, type Wait } from "./lag.ts";
import { lagObjectiveMs } from "./objectives.ts";
import {
  memoryNeededMiB,
  queuedExporters,
  recordsInMemory,
  recordsInVolume,
  volumeNeededBytes,
} from "./queues.ts";
import { ordered, type Facts, type Rule } from "./rule.ts";
import { goMemoryLimitMiB } from "./sizing.ts";
import { bytesPerGiB } from "./units.ts";

const gateway = "platform.collector.gateway";
const sampler = "platform.collector.sampler";

function fullQueues({ settings, shown }: Facts): string {
  const exporters = queuedExporters(settings);
  return `${exporters.length} full queues (${exporters.join(", ")}) of queue.maxRecords ${shown(`${gateway}.queue.maxRecords`)} × queue.recordBytes ${shown(`${gateway}.queue.recordBytes`)}${fanOutQueues(settings)}`;
}

export function limiterInContainer(path: string, limitKey: string, fixMore: string): Rule["check"] {
  return ({ number, shown }) => {
    const memory = `${path}.resources.memoryMiB`;
    const goLimit = goMemoryLimitMiB(number(memory));
    const limit = number(`${path}.${limitKey}`);
    if (limit <= goLimit) return [];
    const needed = Math.ceil((limit / 4) * 5);
    const issue: ConfigIssue = {
      path: memory,
      problem: `is ${shown(memory)}, of which Go may use ${goLimit}, below ${limitKey} ${shown(`${path}.${limitKey}`)}`,
      fix: `raise it to ${needed} or more${fixMore}, or lower ${limitKey} to ${goLimit} or less`,
    };
    return [issue];
  };
}

function batchInSamplersQueues({ settings, shown }: Facts): ConfigIssue[] {
  const { batch, queue } = settings.collector.gateway;
  const { replicas } = settings.collector.sampler;
  // One sampler has the whole queue, which `batch-in-queue` looks at.
  if (replicas === 1 || batch.maxRecords * replicas <= queue.maxRecords) return [];
  const path = `${gateway}.queue.maxRecords`;
  const problem = `is ${shown(path)}, which the samplers' queues share: for sampler.replicas ${shown(`${sampler}.replicas`)} that is less than batch.maxRecords ${shown(`${gateway}.batch.maxRecords`)} each`;
  const fix = `raise it to ${batch.maxRecords * replicas} or more, or lower batch.maxRecords to ${Math.floor(queue.maxRecords / replicas)} or less`;
  return [{ path, problem, fix }];
}

function diskQueueFits(facts: Facts): ConfigIssue[] {
  const { settings, shown } = facts;
  const { queue } = settings.collector.gateway;
  if (queue.storage !== "disk") return [];
  const neededBytes = volumeNeededBytes(settings);
  const volumeBytes = queue.volumeGiB * bytesPerGiB;
  if (neededBytes <= volumeBytes) return [];
  const fitting = recordsInVolume(settings, volumeBytes);
  const path = `${gateway}.queue.volumeGiB`;
  const neededGiB = Math.ceil(neededBytes / bytesPerGiB);
  const problem = `is ${shown(path)}, too small for ${fullQueues(facts)}, with a fifth for the queue's database and a fifth of the volume free`;
  const fix = `raise it to ${neededGiB} or more, or lower queue.maxRecords to ${fitting} or less`;
  return [{ path, problem, fix }];
}

function memoryQueueFits(facts: Facts): ConfigIssue[] {
  const { settings, shown } = facts;
  const { queue, memoryLimiter } = settings.collector.gateway;
  if (queue.storage !== "memory") return [];
  const refusingMiB = memoryLimiter.limitMiB - memoryLimiter.spikeMiB;
  const neededMiB = memoryNeededMiB(settings);
  if (neededMiB <= refusingMiB) return [];
  const fitting = recordsInMemory(settings, refusingMiB);
  const path = `${gateway}.queue.maxRecords`;
  const problem = `is ${shown(path)}, too many to hold in memory: ${fullQueues(facts)} take ${Math.ceil(neededMiB)} MiB once decoded, above the ${refusingMiB} MiB at which the memory limiter refuses`;
  const fix = `lower it to ${fitting} or less, raise memoryLimiter.limitMiB, or set queue.storage to disk`;
  return [{ path, problem, fix }];
}

function scalesBeforeRefusing({ settings, shown }: Facts): ConfigIssue[] {
  const { autoscaling, memoryLimiter, replicas, resources } = settings.collector.gateway;
  if (replicas.min >= replicas.max) return [];
  const refusingMiB = memoryLimiter.limitMiB - memoryLimiter.spikeMiB;
  const highest = Math.ceil((refusingMiB / resources.memoryMiB) * 100) - 1;
  if (autoscaling.memoryPercent <= highest) return [];
  const path = `${gateway}.autoscaling.memoryPercent`;
  const problem = `is ${shown(path)}, but from ${refusingMiB} of resources.memoryMiB ${shown(`${gateway}.resources.memoryMiB`)} on the memory limiter refuses, so that memory never gets there`;
  return [{ path, problem, fix: `lower it to ${highest} or less` }];
}

/** Exported for its test: no setting alone makes logs late, only a change of the constants does. */
export function lateSignals(
  facts: Facts,
  objectives: { readonly logs: number; readonly traces: number },
): ConfigIssue[] {
  const { settings, shown } = facts;
  const logs = logWaits(settings);
  const traces = traceWaits(settings);
  const issues: ConfigIssue[] = [];
  if (totalMs(logs) >= objectives.logs) {
    const path = `${gateway}.batch.timeoutMs`;
    const problem = `is ${shown(path)}: ${sum(logs)}, not below the ${objectives.logs} ms in which a log must be found`;
    const others = logs.filter(({ where }) => !where.endsWith("batch"));
    const each = (objectives.logs - totalMs(others)) / (logs.length - others.length);
    issues.push({ path, problem, fix: `lower it below ${Math.ceil(each)}` });
  }
  if (totalMs(traces) > objectives.traces) {
    const path = `${sampler}.decisionWaitAfterRootMs`;
    const problem = `is ${shown(path)}: ${sum(traces)}, above the ${objectives.traces} ms in which a trace must be found`;
    const others = traces.filter(({ where }) => where !== "decision");
    const ticks = Math.floor((objectives.traces - totalMs(others)) / decisionTickMs);
    issues.push({ path, problem, fix: `lower it below ${ticks * decisionTickMs}` });
  }
  return issues;
}

function sum(waits: readonly Wait[]): string {
  const terms = waits.map(({ where, ms }) => `${where} ${ms}`);
  return `${terms.join(" + ")} = ${totalMs(waits)} ms`;
}

/** Memory, queues and time: what must fit into what. */
export const capacityRules: readonly Rule[] = [
  {
    name: "gateway-limiter-in-container",
    why: "Above Go's own limit the collector only collects garbage, and never comes to refuse.",
    check: limiterInContainer(
      gateway,
      "memoryLimiter.limitMiB",
      " (or leave it out: it is derived)",
    ),
  },
  {
    name: "sampler-limiter-in-container",
    why: "Above Go's own limit the sampler only collects garbage, and never comes to refuse.",
    check: limiterInContainer(sampler, "memoryLimitMiB", ""),
  },
  ordered({
    name: "spike-below-limit",
    why: "With no room below the spike the collector refuses everything, always.",
    lower: `${gateway}.memoryLimiter.spikeMiB`,
    upper: `${gateway}.memoryLimiter.limitMiB`,
    strictly: true,
  }),
  ordered({
    name: "spike-holds-request",
    why: "A request is decoded before it can be refused, and must fit above the mark.",
    lower: `${gateway}.maxRequestMiB`,
    upper: `${gateway}.memoryLimiter.spikeMiB`,
  }),
  {
    name: "scales-before-refusing",
    why: "A collector that refuses first is never helped by another one.",
    check: scalesBeforeRefusing,
  },
  ordered({
    name: "batch-in-queue",
    why: "A batch that the queue cannot hold never fills; the collector does not start.",
    lower: `${gateway}.batch.maxRecords`,
    upper: `${gateway}.queue.maxRecords`,
  }),
  {
    name: "batch-in-samplers-queues",
    why: "A queue holds at least one batch: many samplers would take more than the volume was checked for.",
    check: batchInSamplersQueues,
  },
  {
    name: "disk-queue-fits-volume",
    why: "A full volume stops every queue on it, not only the one that filled it.",
    check: diskQueueFits,
  },
  {
    name: "memory-queue-fits-limiter",
    why: "One dead backend would fill the memory, and all others would be refused with it.",
    check: memoryQueueFits,
  },
  {
    name: "lag-objectives",
    why: "What people search for must be there when they look.",
    check: (facts) => lateSignals(facts, lagObjectiveMs),
  },
];
