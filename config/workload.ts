import { collectorSignals, type CollectorSignal } from "./metric-names.ts";
import { maxBatchWaitMs } from "./objectives.ts";
import { agentDiskNeededBytes, memoryNeededMiB, volumeNeededBytes } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { bytesPerGiB, bytesPerMiB } from "./units.ts";
import {
  gatewayCpuMicros,
  gatewayHeapSeconds,
  heldSpanFactor,
  idleCollectorMiB,
  prometheusSampleBytes,
  prometheusSeriesBytes,
  rememberedPerHeld,
  rememberedTraceBytes,
  samplerCpuMicros,
} from "./workload-figures.ts";

export type Workload = NonNullable<Settings["workload"]>;

/** A number that follows from the workload where it is not written. */
export interface Derivation {
  readonly path: string;
  /** How, for whoever reads the plan. */
  readonly how: string;
  /** `settings` hold what is written, what was derived before, and defaults. */
  readonly value: (settings: Settings, workload: Workload) => number;
  /** Limits that protect a backend are never below their default. */
  readonly atLeastDefault?: true;
  /** Where it means nothing, it is left as it is. */
  readonly applies?: (settings: Settings) => boolean;
}

const microsPerSecond = 1_000_000;
const secondsPerMinute = 60;
const secondsPerDay = 86_400;
/** SDKs push their metrics once a minute by default. */
const pushSeconds = 60;
/** A backend must take what waited beside what comes. */
const replayFactor = 2;
/** Share of a sampler's CPU request that is planned with, as the gateways' autoscaling does. */
export const plannedCpuShare = 0.65;
/** The memory limiter refuses below its limit by the spike, a quarter of it; both are within Go's share of the container. */
const usableHeapShare = 0.75;
const goShareOfContainer = 0.8;
/** Smaller batches cost more than they save in waiting, which has a bound of its own. */
const leastBatch = 1_000;
/** One request or batch above this would be refused by servers with gRPC's default. */
const largestBatchBytes = 4 * bytesPerMiB;

/** What comes in a second over all gateways, on average. */
export function averagePerSecond(workload: Workload): Record<CollectorSignal, number> {
  const { logsPerSecond, spansPerSecond, series, metricPointsPerSecond } = workload;
  const metrics = metricPointsPerSecond ?? Math.ceil(series / pushSeconds);
  return { logs: logsPerSecond, traces: spansPerSecond, metrics };
}

/** The most that one signal brings a second over all gateways at the peak. */
export function busiestSignal(workload: Workload): { signal: CollectorSignal; perSecond: number } {
  const average = averagePerSecond(workload);
  const [first, ...others] = collectorSignals;
  const signal = others.reduce<CollectorSignal>(
    (most, one) => (average[one] > average[most] ? one : most),
    first,
  );
  return { signal, perSecond: average[signal] * workload.peakFactor };
}

/** Cores that all gateways together need at the peak. */
export function gatewayPeakCores(workload: Workload): number {
  const average = averagePerSecond(workload);
  const micros = collectorSignals.map((signal) => average[signal] * gatewayCpuMicros[signal]);
  return (micros.reduce((sum, one) => sum + one, 0) * workload.peakFactor) / microsPerSecond;
}

/** Cores that all samplers together need at the peak. */
export function samplerPeakCores({ spansPerSecond, peakFactor }: Workload): number {
  return (spansPerSecond * peakFactor * samplerCpuMicros) / microsPerSecond;
}

function gatewaysFor(cores: number, { collector: { gateway } }: Settings): number {
  const target = gateway.autoscaling.cpuPercent / 100;
  return Math.ceil(cores / ((gateway.resources.cpuRequestMillicores / 1_000) * target)) + 1;
}

/** Bytes that all gateways together get a second at the peak. */
function peakBytes(workload: Workload): number {
  const { logs, traces, metrics } = averagePerSecond(workload);
  return (logs + traces + metrics) * workload.peakFactor * workload.recordBytes;
}

/** MiB a second of one kind of record at the peak. */
export function peakMiB(perSecond: number, { peakFactor, recordBytes }: Workload): number {
  return (perSecond * peakFactor * recordBytes) / bytesPerMiB;
}

/** Records that the busiest queue of one gateway gets in the longest outage. */
export function outageRecords(settings: Settings, workload: Workload): number {
  const { min } = settings.collector.gateway.replicas;
  const { perSecond } = busiestSignal(workload);
  return Math.ceil((perSecond * workload.outageMinutes * secondsPerMinute) / min);
}

/** Traces that begin at one sampler in a second of the peak. */
export function tracesPerSampler(settings: Settings, workload: Workload): number {
  const { replicas } = settings.collector.sampler;
  const { spansPerSecond, spansPerTrace, peakFactor } = workload;
  return (spansPerSecond * peakFactor) / spansPerTrace / replicas;
}

function samplerHeapMiB(settings: Settings, workload: Workload): number {
  const { replicas, decisionWaitSeconds, maxTraces } = settings.collector.sampler;
  const { spansPerSecond, peakFactor, recordBytes } = workload;
  const heldSpans = (spansPerSecond * peakFactor * decisionWaitSeconds) / replicas;
  const heldBytes = heldSpans * recordBytes * heldSpanFactor;
  const rememberedBytes = 2 * rememberedPerHeld * maxTraces * rememberedTraceBytes;
  return idleCollectorMiB + (heldBytes + rememberedBytes) / bytesPerMiB;
}

function batchBytesMiB({ collector: { gateway } }: Settings): number {
  return Math.ceil((gateway.batch.maxRecords * gateway.queue.recordBytes) / bytesPerMiB);
}

/** A round number that is at least this. */
function upTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}

const gateway = "platform.collector.gateway";
const sampler = "platform.collector.sampler";

/** In the order in which they are derived: later ones look at earlier ones. */
export const derivations: readonly Derivation[] = [
  {
    path: "platform.workload.metricPointsPerSecond",
    how: "each series once a minute",
    value: (_, workload) => averagePerSecond(workload).metrics,
  },
  {
    path: `${gateway}.queue.recordBytes`,
    how: "the workload's recordBytes",
    value: (_, { recordBytes }) => recordBytes,
  },
  {
    path: "platform.collector.agent.queue.diskMiB",
    how: "the agent's queues full, with a fifth for their database and a fifth free; the default or more",
    atLeastDefault: true,
    value: (settings) => Math.ceil(agentDiskNeededBytes(settings) / bytesPerMiB),
  },
  {
    path: `${gateway}.replicas.min`,
    how: "average CPU over autoscaling.cpuPercent of the request, and one more",
    value: (settings, workload) =>
      Math.max(2, gatewaysFor(gatewayPeakCores(workload) / workload.peakFactor, settings)),
  },
  {
    path: `${gateway}.replicas.max`,
    how: "peak CPU over autoscaling.cpuPercent of the request, and one more",
    value: (settings, workload) =>
      Math.max(
        settings.collector.gateway.replicas.min,
        gatewaysFor(gatewayPeakCores(workload), settings),
      ),
  },
  {
    path: `${gateway}.batch.maxRecords`,
    how: "what one gateway gets of the busiest signal while a batch of logs may wait, 1000 or more, 4 MiB at most",
    value: ({ collector }, workload) => {
      const { replicas, queue } = collector.gateway;
      const { perSecond } = busiestSignal(workload);
      const whileWaiting = (perSecond / replicas.min) * (maxBatchWaitMs.logs / 1_000);
      const most = Math.floor(largestBatchBytes / queue.recordBytes);
      return Math.max(1, Math.min(most, Math.max(leastBatch, upTo(100, whileWaiting))));
    },
  },
  {
    path: `${sampler}.replicas`,
    how: `peak CPU over ${plannedCpuShare * 100} % of the request, 2 or more`,
    value: ({ collector }, workload) => {
      const cores = (collector.sampler.resources.cpuRequestMillicores / 1_000) * plannedCpuShare;
      return Math.max(2, Math.ceil(samplerPeakCores(workload) / cores));
    },
  },
  {
    path: `${gateway}.queue.maxRecords`,
    how: "the busiest signal at the peak for outageMinutes, over replicas.min, and a batch for each sampler",
    value: (settings, workload) => {
      const { sampler: samplers, gateway: gateways } = settings.collector;
      const least = gateways.batch.maxRecords * samplers.replicas;
      return upTo(10_000, Math.max(least, outageRecords(settings, workload)));
    },
  },
  {
    path: `${gateway}.queue.volumeGiB`,
    how: "all queues full, with a fifth for their database and a fifth free",
    value: (settings) => Math.ceil(volumeNeededBytes(settings) / bytesPerGiB),
    applies: ({ collector }) => collector.gateway.queue.storage === "disk",
  },
  {
    path: `${gateway}.memoryLimiter.limitMiB`,
    how: `${gatewayHeapSeconds} s of what one gateway gets at the peak, 512 or more, room for four requests and for queues in memory`,
    value: (settings, workload) => {
      const { replicas, maxRequestMiB, queue } = settings.collector.gateway;
      const flowing = (gatewayHeapSeconds * peakBytes(workload)) / replicas.min / bytesPerMiB;
      const queued = queue.storage === "memory" ? memoryNeededMiB(settings) / usableHeapShare : 0;
      return upTo(64, Math.max(512, 4 * maxRequestMiB, flowing, queued));
    },
  },
  {
    path: `${sampler}.maxTraces`,
    how: "traces of decisionWaitSeconds at the peak of one sampler and half as many again, 10000 or more",
    value: (settings, workload) => {
      const { decisionWaitSeconds } = settings.collector.sampler;
      const held = tracesPerSampler(settings, workload) * decisionWaitSeconds;
      return Math.max(10_000, upTo(1_000, held * 1.5));
    },
  },
  {
    path: `${sampler}.resources.memoryMiB`,
    how: `spans of decisionWaitSeconds at the peak of one sampler, ${heldSpanFactor} times their size, and remembered decisions`,
    value: (settings, workload) => {
      const container = samplerHeapMiB(settings, workload) / usableHeapShare / goShareOfContainer;
      return upTo(64, Math.max(512, container));
    },
  },
  ...rates("loki", "logs", ({ logsPerSecond }) => logsPerSecond),
  {
    path: "platform.loki.streamRateMiB",
    how: "as all streams together: one service may be the busy one",
    value: ({ loki }) => loki.ingestionRateMiB,
  },
  {
    path: "platform.loki.streamBurstMiB",
    how: "as all streams together",
    value: ({ loki }) => loki.ingestionBurstMiB,
  },
  ...rates("tempo", "spans, were all of them kept", ({ spansPerSecond }) => spansPerSecond),
  {
    path: "platform.prometheus.resources.memoryMiB",
    how: `${prometheusSeriesBytes.planned} bytes a series and a quarter more, 1024 or more`,
    value: (_, { series }) =>
      upTo(64, Math.max(1_024, (1.25 * series * prometheusSeriesBytes.planned) / bytesPerMiB)),
  },
  {
    path: "platform.prometheus.volumeGiB",
    how: `${prometheusSampleBytes} bytes a sample for retentionDays, in retentionPercent of it, 10 or more`,
    value: ({ prometheus }, workload) => {
      const { retentionDays, retentionPercent } = prometheus;
      const samples = averagePerSecond(workload).metrics * retentionDays * secondsPerDay;
      const bytes = (samples * prometheusSampleBytes) / (retentionPercent / 100);
      return Math.max(10, Math.ceil(bytes / bytesPerGiB));
    },
  },
];

/** What a backend takes a second, and at once: the default is the least. */
function rates(
  backend: "loki" | "tempo",
  what: string,
  perSecond: (workload: Workload) => number,
): Derivation[] {
  return [
    {
      path: `platform.${backend}.ingestionRateMiB`,
      how: `twice the peak of ${what}, so that what waited is taken beside what comes; the default or more`,
      atLeastDefault: true,
      value: (_, workload) => Math.ceil(replayFactor * peakMiB(perSecond(workload), workload)),
    },
    {
      path: `platform.${backend}.ingestionBurstMiB`,
      how: "two seconds of ingestionRateMiB, a request and a batch; the default or more",
      atLeastDefault: true,
      value: (settings) =>
        Math.max(
          2 * settings[backend].ingestionRateMiB,
          settings.collector.gateway.maxRequestMiB,
          batchBytesMiB(settings),
        ),
    },
  ];
}
