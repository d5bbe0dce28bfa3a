import { bytesPerMiB, mibPerGiB } from "../../config/units.ts";

/** The replicas' shares are uneven while some of them are away. */
const margin = 1.6;
const leastRecords = 100_000;
const recordBytes = 1_024;
/** Logs, spans and two Prometheus have such a queue each, with room for the queues' own database and its compaction. */
const queuesWithRoom = 6.5;

/** `collector.gateway.queue` that holds an outage of Loki, so that nobody has to be refused for it. */
export function queuesFor(logsPerSecond: number, outageMs: number, gateways: number) {
  const records = Math.ceil((logsPerSecond * (outageMs / 1_000) * margin) / gateways);
  const maxRecords = Math.max(leastRecords, records);
  const volumeMiB = (maxRecords * recordBytes * queuesWithRoom) / bytesPerMiB;
  return { maxRecords, volumeGiB: Math.ceil(volumeMiB / mibPerGiB) };
}
