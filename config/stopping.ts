import type { Settings } from "./settings.ts";

/** Covers the time until no proxy sends to a stopping pod any more. */
export const leaveSeconds = 5;
/** Long enough to send what is under way, or a queue in memory, while targets answer: one try may take 30 s. */
const collectorStopSeconds = 55;
/** The drain program looks once a second, and may wait 5 s for each of the two that it asks. */
const lastLookSeconds = 15;
/** It has nothing to do any more when its turn comes. */
const sidecarStopSeconds = 5;
/** Between two looks of Prometheus, and a moment for the look itself. */
const lookSeconds = 5;
/** gRPC spreads the ages of connections by a tenth, so that they do not all end at once. */
const ageSpread = 1.1;

/** The times of a stopping gateway, which add up to its grace. */
export interface StopTimes {
  readonly leaveSeconds: number;
  /** The longest wait for empty queues; nothing waits when it is 0. */
  readonly drainSeconds: number;
  /** How long queues must stay empty: until Prometheus has seen it, or the last it saw would be told as left behind. */
  readonly settleSeconds: number;
  /** What Kubernetes gives the pod before it kills it. */
  readonly graceSeconds: number;
}

/** Whether a gateway that leaves has a volume to empty, and something that waits for it. */
export function drains(settings: Pick<Settings, "collector">): boolean {
  const { queue, drainSeconds } = settings.collector.gateway;
  return queue.storage === "disk" && drainSeconds > 0;
}

/** How long each step of a gateway's stopping may take. */
export function stopTimes(settings: Pick<Settings, "collector" | "prometheus">): StopTimes {
  const drainSeconds = drains(settings) ? settings.collector.gateway.drainSeconds : 0;
  const waiting = drainSeconds === 0 ? 0 : drainSeconds + lastLookSeconds + sidecarStopSeconds;
  return {
    leaveSeconds,
    drainSeconds,
    settleSeconds: settings.prometheus.scrapeIntervalSeconds + lookSeconds,
    graceSeconds: leaveSeconds + waiting + collectorStopSeconds,
  };
}

/** The shortest wait in which queues can be seen empty while senders keep their connections as long as they may. */
export function shortestDrainSeconds(settings: Pick<Settings, "collector" | "prometheus">): number {
  const { connectionAgeSeconds } = settings.collector.gateway;
  return Math.ceil(connectionAgeSeconds * ageSpread) + stopTimes(settings).settleSeconds;
}
