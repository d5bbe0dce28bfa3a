import { backendMounts } from "../config/backend-mounts.ts";
import { oldestLogHours } from "../config/oldest-log.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { bytesPerMiB } from "../config/units.ts";
import { toYaml } from "../config/yaml.ts";
import { bucketName, objectStore } from "./object-store.ts";
import { gossip, podAddress, replicationFactor } from "./replication.ts";

const dataPath = backendMounts.loki.data;

/** How much later than its greatest age a chunk may be stored. */
const flushMinutes = 60;
const hoursPerDay = 24;
/** What Loki's own clients may send; its server takes 4 MiB by default, less than one batch of large records. */
const grpcMessageBytes = 100 * bytesPerMiB;
/** Each of the two caches, as a share of the container's memory. */
const cacheShare = 1 / 16;
/** Replaying a write-ahead log flushes before it takes more than this share; the default of 4 GB kills a small pod. */
const replayShare = 1 / 2;

/**
 * What becomes a label, and so a stream of its own. Names of pods, instances, jobs and replica sets do not: each restart
 * would start new streams. They can still be searched for, as structured metadata.
 */
export const lokiIndexLabels = [
  "service.name",
  "service.namespace",
  "deployment.environment.name",
  "k8s.cluster.name",
  "k8s.namespace.name",
  "k8s.container.name",
  "k8s.deployment.name",
  "k8s.statefulset.name",
  "k8s.daemonset.name",
  "k8s.cronjob.name",
] as const;

/** Loki's whole configuration, for one process that is everything or for a ring of such. */
export function lokiConfig(settings: Settings): string {
  const { loki } = settings;
  const replicated = loki.replicas > 1;
  const cacheMiB = Math.floor(loki.resources.memoryMiB * cacheShare);
  const cache = { embedded_cache: { enabled: true, max_size_mb: cacheMiB } };
  return toYaml({
    target: "all",
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_port: ports.loki.http,
      grpc_listen_port: ports.loki.grpc,
      grpc_server_max_recv_msg_size: grpcMessageBytes,
      grpc_server_max_send_msg_size: grpcMessageBytes,
      // Longer than a query may take.
      http_server_write_timeout: "2m",
      log_format: "json",
      log_level: "info",
    },
    common: {
      path_prefix: dataPath,
      instance_addr: replicated ? podAddress : "127.0.0.1",
      replication_factor: replicationFactor(loki.replicas),
      ring: { kvstore: { store: replicated ? "memberlist" : "inmemory" } },
    },
    ...(replicated ? { memberlist: gossip(settings, "loki") } : ownScheduler),
    distributor: { otlp_config: { default_resource_attributes_as_index_labels: lokiIndexLabels } },
    ingester: ingester(settings),
    // Chunks are stored when they are full or old: until then only the ingesters have them.
    querier: { query_ingesters_within: `${2 * settings.replayMinutes + flushMinutes}m` },
    limits_config: limits(settings),
    schema_config: { configs: [schema(settings)] },
    storage_config: { use_thanos_objstore: true, object_store: store(settings) },
    compactor: {
      working_directory: `${dataPath}/compactor`,
      retention_enabled: true,
      delete_request_store: storeKind(settings),
    },
    chunk_store_config: { chunk_cache_config: cache },
    query_range: { results_cache: { cache } },
  });
}

const ownSchedulerAddress = { scheduler_address: `127.0.0.1:${ports.loki.grpc}` };
/** A single process need not look for others in a ring, and is ready ten seconds earlier. */
const ownScheduler = { frontend: ownSchedulerAddress, frontend_worker: ownSchedulerAddress };

function ingester(settings: Settings) {
  const { replicas, resources } = settings.loki;
  return {
    chunk_encoding: "snappy",
    // Loki takes what is at most half of this behind its stream's newest, and refuses what is older for good.
    max_chunk_age: `${2 * settings.replayMinutes}m`,
    // A replica that never comes back would otherwise stay in the ring, unhealthy, until someone removes it by hand.
    autoforget_unhealthy: replicas > 1,
    // In a ring, others must have heard of this replica before the next one is restarted.
    lifecycler: { min_ready_duration: replicas > 1 ? "15s" : "0s" },
    wal: {
      enabled: true,
      // Leaves nothing on the volume of a replica that is scaled away.
      flush_on_shutdown: true,
      replay_memory_ceiling: `${Math.floor(resources.memoryMiB * replayShare)}MB`,
    },
  };
}

function limits(settings: Settings) {
  const { loki, replayMinutes } = settings;
  const retentionHours = loki.retentionDays * hoursPerDay;
  return {
    retention_period: `${retentionHours}h`,
    // For all replicas together: each takes its share.
    ingestion_rate_strategy: "global",
    ingestion_rate_mb: loki.ingestionRateMiB,
    ingestion_burst_size_mb: loki.ingestionBurstMiB,
    per_stream_rate_limit: `${loki.streamRateMiB}MB`,
    per_stream_rate_limit_burst: `${loki.streamBurstMiB}MB`,
    reject_old_samples: true,
    reject_old_samples_max_age: `${oldestLogHours(settings)}h`,
    allow_structured_metadata: true,
    // A cut line is worth more than a refused one.
    max_line_size_truncate: true,
    max_query_lookback: `${retentionHours}h`,
    max_query_length: `${retentionHours + 1}h`,
    query_timeout: "1m",
    max_query_series: 2_000,
    // What may still change by late logs is not answered from the cache.
    max_cache_freshness_per_query: `${replayMinutes}m`,
  };
}

function storeKind({ storage }: Settings): "filesystem" | "s3" {
  return storage.kind === "s3" ? "s3" : "filesystem";
}

function schema(settings: Settings) {
  return {
    // Before any log that could come. A later schema is added behind it, never written over it.
    from: "2025-01-01",
    store: "tsdb",
    object_store: storeKind(settings),
    schema: "v13",
    index: { prefix: "index_", period: "24h" },
  };
}

function store({ storage }: Settings) {
  if (storage.kind === "volume") return { filesystem: { dir: `${dataPath}/objects` } };
  return { s3: { bucket_name: bucketName(storage, "lokiBucket"), ...objectStore(storage) } };
}
