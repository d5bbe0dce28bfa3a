import { variable } from "../config/backend-mounts.ts";
import { peersHost } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";

type Replicated = "loki" | "tempo";

/** The pod's own address, put in by the servers themselves (`-config.expand-env`). */
export const podAddress = variable("POD_IP");

/**
 * How many replicas hold a record until it is stored. Three, of which one may fail. Two would need both for each write,
 * and so refuse while one restarts; there each record has one holder, and its write-ahead log.
 */
export function replicationFactor(replicas: number): 1 | 3 {
  return replicas >= 3 ? 3 : 1;
}

/** How the replicas of a server find each other: by gossip, first met under the headless Service's name. */
export function gossip(settings: Settings, workload: Replicated): Record<string, unknown> {
  const port = ports[workload].gossip;
  return {
    advertise_addr: podAddress,
    advertise_port: port,
    bind_port: port,
    // Pod addresses are used again: without a label, a Loki that gets a Tempo's old address joins Tempo's ring.
    cluster_label: `${workload}.${settings.namespace}`,
    join_members: [`dns+${peersHost(settings, workload)}:${port}`],
    // Without it, two halves that started before they saw each other stay apart for good.
    rejoin_interval: "1m",
  };
}
