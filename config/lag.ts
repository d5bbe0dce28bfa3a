import { maxBatchWaitMs, sdkDelayMs, tailDelayMs } from "./objectives.ts";
import type { Settings } from "./settings.ts";

/** One wait that a record meets on its way. */
export interface Wait {
  readonly where: string;
  readonly ms: number;
}

/** How often the sampler decides. The wait after a root span counts in whole ticks, rounded down, behind the one under way. */
export const decisionTickMs = 1_000;

/** Where a log waits between the application and Loki, each at its longest. */
export function logWaits(settings: Settings): Wait[] {
  const batchMs = Math.min(settings.collector.gateway.batch.timeoutMs, maxBatchWaitMs.logs);
  return [
    // Longer than an SDK holds one.
    { where: "tail", ms: tailDelayMs },
    { where: "agent's batch", ms: batchMs },
    { where: "gateway's batch", ms: batchMs },
  ];
}

/** Where a span waits between the application and Tempo, each at its longest, once its root has ended. */
export function traceWaits(settings: Settings): Wait[] {
  const { gateway, sampler } = settings.collector;
  const batchMs = Math.min(gateway.batch.timeoutMs, maxBatchWaitMs.traces);
  const ticks = Math.floor(sampler.decisionWaitAfterRootMs / decisionTickMs) + 1;
  return [
    { where: "SDK", ms: sdkDelayMs },
    { where: "agent's batch", ms: batchMs },
    { where: "gateway's batch", ms: batchMs },
    { where: "decision", ms: ticks * decisionTickMs },
    { where: "sampler's batch", ms: batchMs },
  ];
}

/** All waits together. */
export function totalMs(waits: readonly Wait[]): number {
  return waits.reduce((sum, { ms }) => sum + ms, 0);
}
