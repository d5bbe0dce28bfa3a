import { collectorFiles, collectorMounts } from "../config/mounts.ts";
import type { Extension } from "./model.ts";

/** What the probes ask. */
export function healthCheck(port: number): Extension {
  return {
    kind: "extension",
    name: "health_check",
    purpose: "probes",
    config: { endpoint: `0.0.0.0:${port}` },
  };
}

/** Where sending queues survive a killed pod. */
export function queueStorage(): Extension {
  return {
    kind: "extension",
    name: "file_storage",
    purpose: "queue",
    config: {
      directory: collectorMounts.queue,
      create_directory: true,
      // A file that a crash left unreadable is moved aside: one queue's records, instead of a pod that never starts.
      recreate: true,
      // Waiting for the file's lock: after a node's failure the old pod may hold it for a moment.
      timeout: "10s",
      compaction: {
        directory: collectorMounts.queue,
        on_start: true,
        on_rebound: true,
        cleanup_on_start: true,
      },
    },
  };
}

/** Lets one of several replicas work at a time. The others take over when it no longer says that it is there. */
export function election(namespace: string, lease: string): Extension {
  return {
    kind: "extension",
    name: "k8s_leader_elector",
    purpose: "replicas",
    config: {
      auth_type: "serviceAccount",
      lease_name: lease,
      lease_namespace: namespace,
      lease_duration: "10s",
      renew_deadline: "7s",
      retry_period: "2s",
    },
  };
}

/** Takes any of the tokens in the mounted file, and reads it again when it changes. */
export function ingestTokens(): Extension {
  return {
    kind: "extension",
    name: "bearertokenauth",
    purpose: "public",
    config: { filename: collectorFiles.ingestTokens },
  };
}
