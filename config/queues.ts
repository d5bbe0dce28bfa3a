import { fanOutTargets, targetSignals } from "./fan-out.ts";
import { collectorSignals } from "./metric-names.ts";
import type { Settings } from "./settings.ts";
import { bytesPerMiB } from "./units.ts";

/** What the queue's database adds to the records in it. */
const queueOnDiskFactor = 1.2;
/** The database grows in steps and is compacted into a copy beside itself. */
const volumeShareForQueues = 0.8;
/** A decoded record takes about twice the memory of its bytes on the wire. */
const queueInMemoryFactor = 2;

/** The gateway's exporters that have a queue of their own. */
export function queuedExporters(settings: Settings): string[] {
  const prometheus = Array.from(
    { length: settings.prometheus.replicas },
    (_, ordinal) => `prometheus ${ordinal}`,
  );
  return ["loki", "samplers", ...prometheus];
}

function fullQueuesBytes(settings: Settings): number {
  const { maxRecords, recordBytes } = settings.collector.gateway.queue;
  return queuedExporters(settings).length * maxRecords * recordBytes + fanOutBytes(settings);
}

/** What the queues of all fan-out targets hold when they are full. */
function fanOutBytes(settings: Settings): number {
  return fanOutTargets(settings)
    .map((target) => targetSignals(target).length * target.settings.queue.maxMiB * bytesPerMiB)
    .reduce((sum, one) => sum + one, 0);
}

/** The largest number of records with which the exporters' queues and the fan-out's together take no more than this. */
function recordsIn(settings: Settings, bytes: number): number {
  const { recordBytes } = settings.collector.gateway.queue;
  const left = Math.max(0, bytes - fanOutBytes(settings));
  return Math.floor(left / (queuedExporters(settings).length * recordBytes));
}

/** Records of each queue that a volume holds, beside the fan-out's. */
export function recordsInVolume(settings: Settings, volumeBytes: number): number {
  return recordsIn(settings, (volumeBytes * volumeShareForQueues) / queueOnDiskFactor);
}

/** Records of each queue that memory holds, beside the fan-out's. */
export function recordsInMemory(settings: Settings, memoryMiB: number): number {
  return recordsIn(settings, (memoryMiB * bytesPerMiB) / queueInMemoryFactor);
}

/** Volume of one gateway that holds its queues when all are full. */
export function volumeNeededBytes(settings: Settings): number {
  return (fullQueuesBytes(settings) * queueOnDiskFactor) / volumeShareForQueues;
}

/** Memory of one gateway that holds its queues when all are full. */
export function memoryNeededMiB(settings: Settings): number {
  return (fullQueuesBytes(settings) * queueInMemoryFactor) / bytesPerMiB;
}

/** Disk of one node that holds its agent's queues when all are full. */
export function agentDiskNeededBytes({ collector: { agent, gateway } }: Settings): number {
  const records = collectorSignals.length * agent.queue.maxRecords;
  return (records * gateway.queue.recordBytes * queueOnDiskFactor) / volumeShareForQueues;
}
