import { backendMounts } from "../config/backend-mounts.ts";
import { peersHost } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { bytesPerMiB } from "../config/units.ts";
import { toYaml } from "../config/yaml.ts";
import { bucketName, objectStore } from "./object-store.ts";
import { gossip, podAddress, replicationFactor } from "./replication.ts";

const dataPath = backendMounts.tempo.data;

const hoursPerDay = 24;

/** Tempo's whole configuration in the dialect of 2.9 and 2.10, for one process or for a ring of such. */
export function tempoConfig(settings: Settings): string {
  const { tempo } = settings;
  const retention = `${tempo.retentionDays * hoursPerDay}h`;
  const ring = tempo.replicas > 1 ? replicaRing() : {};
  return toYaml({
    target: tempo.replicas > 1 ? "scalable-single-binary" : "all",
    usage_report: { reporting_enabled: false },
    server: {
      http_listen_port: ports.tempo.http,
      grpc_listen_port: ports.tempo.grpc,
      http_server_write_timeout: "2m",
      log_format: "json",
      log_level: "info",
    },
    distributor: {
      receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${ports.tempo.otlpHttp}` } } } },
      // Without it, senders take a refused batch for lost.
      retry_after_on_resource_exhausted: "5s",
      // Stack traces and statements are longer than the 2 KiB that are kept by default.
      max_attribute_bytes: 16_384,
      ...ring,
    },
    ingester: ingester(settings),
    compactor: { compaction: { block_retention: retention }, ...compactorRing(tempo.replicas) },
    overrides: { defaults: overrides(settings, retention) },
    query_frontend: { search: { max_duration: retention } },
    storage: { trace: { wal: { path: `${dataPath}/wal` }, ...store(settings) } },
    ...(tempo.replicas > 1
      ? {
          memberlist: gossip(settings, "tempo"),
          // Every replica asks every replica's queue for work, so a query meets all of them.
          querier: {
            frontend_worker: {
              frontend_address: `${peersHost(settings, "tempo")}:${ports.tempo.grpc}`,
            },
          },
        }
      : {}),
  });
}

function replicaRing() {
  return { ring: { instance_addr: podAddress, kvstore: { store: "memberlist" } } };
}

/** A replica is ready once its compactor is, which waits until no other one comes or goes: by default for a minute. */
function compactorRing(replicas: number) {
  if (replicas === 1) return {};
  return { ring: { ...replicaRing().ring, wait_stability_min_duration: "10s" } };
}

function ingester({ tempo }: Settings) {
  const replicated = tempo.replicas > 1;
  return {
    // Until a trace is cut it is only in memory and no search finds it, though its id does. Samplers send traces whole,
    // so there is nothing to wait for.
    trace_idle_period: "2s",
    flush_check_period: "2s",
    // Each cut adds a file to the block; a block must end before they are many.
    max_block_duration: "10m",
    // Leaves nothing on the volume of a replica that is scaled away.
    flush_all_on_shutdown: true,
    lifecycler: {
      // In a ring, others must have heard of this replica before the next one is restarted.
      min_ready_duration: replicated ? "15s" : "0s",
      ...(replicated
        ? {
            address: podAddress,
            ring: {
              kvstore: { store: "memberlist" },
              replication_factor: replicationFactor(tempo.replicas),
              // By default spans go to a dead replica for five minutes, and with one holder each they fail there.
              heartbeat_timeout: "1m",
            },
          }
        : {}),
    },
  };
}

function overrides({ tempo }: Settings, retention: string) {
  return {
    ingestion: {
      // For all replicas together: each takes its share.
      rate_strategy: tempo.replicas > 1 ? "global" : "local",
      rate_limit_bytes: tempo.ingestionRateMiB * bytesPerMiB,
      burst_size_bytes: tempo.ingestionBurstMiB * bytesPerMiB,
      // No limit of their count: small traces of a bad hour are many, and the byte rate already bounds them.
      max_traces_per_user: 0,
    },
    global: { max_bytes_per_trace: tempo.maxTraceMiB * bytesPerMiB },
    // The same once more where Tempo 3 looks for it.
    compaction: { block_retention: retention },
  };
}

function store({ storage }: Settings) {
  if (storage.kind === "volume") {
    return { backend: "local", local: { path: `${dataPath}/blocks` } };
  }
  return {
    backend: "s3",
    s3: { bucket: bucketName(storage, "tempoBucket"), ...objectStore(storage) },
  };
}
