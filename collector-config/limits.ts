import type { Settings } from "../config/settings.ts";
import { mibPerGiB } from "../config/units.ts";
import type { Limits } from "./model.ts";

/** What a collector with this much memory, and the stack's queues, must fit into. */
export function limitsOf(settings: Settings, containerMiB: number): Limits {
  const { queue } = settings.collector.gateway;
  return {
    containerMiB,
    queueVolumeMiB: queue.volumeGiB * mibPerGiB,
    recordBytes: queue.recordBytes,
  };
}
