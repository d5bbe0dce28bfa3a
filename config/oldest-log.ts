import type { Settings } from "./settings.ts";

const hoursPerDay = 24;
const oldestHours = 7 * hoursPerDay;

/** What is older is taken by Loki no more: it would begin index files of long ago, or be deleted at once. */
export function oldestLogHours({ loki }: Settings): number {
  return Math.min(oldestHours, loki.retentionDays * hoursPerDay);
}
