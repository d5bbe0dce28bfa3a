import type { Settings } from "./settings.ts";

const hoursPerDay = 24;
const oldestHours = 7 * hoursPerDay;

/** What is older is taken by Loki no more: it would begin index files of long ago, or be deleted at once. */
export function oldestLogHours({ loki }: Settings): number {
  return Math.min(oldestHours, loki.retentionDays * hoursPerDay);
}

/** The moment between a line's reading and its arrival. */
const wayMinutes = 1;

/**
 * What a pod printed longer ago, its agent leaves out: pods share streams, and Loki refuses what lies this far behind the
 * newest line of its stream. So the lines of a node's past come only as far as they can be stored.
 */
export function oldestLineMinutes(settings: Settings): number {
  return Math.max(settings.replayMinutes - wayMinutes, wayMinutes);
}
