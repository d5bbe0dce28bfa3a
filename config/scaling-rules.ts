import type { ConfigIssue } from "./issue.ts";
import type { Facts, Rule } from "./rule.ts";
import { drains, shortestDrainSeconds, stopTimes } from "./stopping.ts";

const gateway = "platform.collector.gateway";

function drainOutlastsConnections({ settings, shown }: Facts): ConfigIssue[] {
  const shortest = shortestDrainSeconds(settings);
  if (!drains(settings) || settings.collector.gateway.drainSeconds >= shortest) return [];
  const path = `${gateway}.drainSeconds`;
  const { settleSeconds } = stopTimes(settings);
  const problem = `is ${shown(path)}, too short: senders keep a connection for up to connectionAgeSeconds ${shown(`${gateway}.connectionAgeSeconds`)} and a tenth more, and empty queues must be seen for ${settleSeconds} s after that`;
  const fix = `raise it to ${shortest} or more, lower connectionAgeSeconds, or set it to 0 for no draining`;
  return [{ path, problem, fix }];
}

function queueFillScales({ settings, shown }: Facts): ConfigIssue[] {
  const { autoscaling, replicas } = settings.collector.gateway;
  if (autoscaling.queueFillPercent === undefined || replicas.min < replicas.max) return [];
  const path = `${gateway}.autoscaling.queueFillPercent`;
  const problem = `is ${shown(path)}, but replicas.min and replicas.max are both ${replicas.max}: nothing is scaled`;
  return [{ path, problem, fix: "raise replicas.max, or remove it" }];
}

/** How replicas come, and how they go. */
export const scalingRules: readonly Rule[] = [
  {
    name: "drain-outlasts-connections",
    why: "A queue that is still fed is not empty when the wait ends, however healthy its target is.",
    check: drainOutlastsConnections,
  },
  {
    name: "queue-fill-scales",
    why: "Who names a fill expects collectors to be added.",
    check: queueFillScales,
  },
];
