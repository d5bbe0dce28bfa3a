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
  return queuedExporters(settings).length * maxRecords * recordBytes;
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
