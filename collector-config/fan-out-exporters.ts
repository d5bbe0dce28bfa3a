import { secretVariable, type Target, type TargetSettings } from "../config/fan-out.ts";
import { loopbackPrefix, optionalExporterPrefix } from "../config/metric-names.ts";
import { collectorMounts } from "../config/mounts.ts";
import { bytesPerMiB } from "../config/units.ts";
import {
  extensionLink,
  fromEnvironment,
  type ConfigMap,
  type ConfigValue,
  type Exporter,
  type Extension,
  type Signal,
} from "./model.ts";

const bytesPerKiB = 1_024;
/** A request given up early is sent twice. */
const requestTimeout = "30s";
/** One request of a remote write must end some day: its exporter retries by itself, and holds it meanwhile. */
const longestRemoteWriteMinutes = 24 * 60;
/** What Kafka's batch has around its message. */
const kafkaOverheadKiB = 100;

/** Begins the purpose of what belongs to an optional target: alerts tell them from the primary ones by it. */
export const targetPurpose = (name: string) => `${optionalExporterPrefix}${name}`;

/** The same for what stands between the queue of a target and the target. */
export const loopbackPurpose = (name: string) => `${loopbackPrefix}${name}`;

/** The exporter that holds a target's queue, where its kind has one. */
export function queuedExporter(
  target: Exclude<Target, { kind: "file" | "prometheusRemoteWrite" }>,
  storage: Extension | undefined,
): Exporter {
  const purpose = targetPurpose(target.name);
  const sending_queue = targetQueue(target, storage);
  switch (target.kind) {
    case "otlp":
      return { kind: "exporter", purpose, ...otlp(target.settings, sending_queue) };
    case "elasticsearch":
      return {
        kind: "exporter",
        purpose,
        name: "elasticsearch",
        config: { ...elasticsearch(target.settings), sending_queue },
      };
    case "s3":
      return {
        kind: "exporter",
        purpose,
        name: "awss3",
        config: { ...s3(target.settings), ...delivery(target.settings), sending_queue },
      };
    case "kafka":
      return {
        kind: "exporter",
        purpose,
        name: "kafka",
        config: { ...kafka(target.settings), ...delivery(target.settings), sending_queue },
      };
  }
}

/** The exporter for a target whose own has no queue: to a receiver of the same collector. */
export function loopbackExporter(
  target: Target,
  endpoint: string,
  storage: Extension | undefined,
): Exporter {
  return {
    kind: "exporter",
    name: "otlp_grpc",
    purpose: targetPurpose(target.name),
    config: {
      endpoint,
      tls: { insecure: true },
      compression: "none",
      // It answers when the target has: how long that takes is the exporter's business that asks there.
      timeout: "0s",
      retry_on_failure: retries(target.settings.retry.giveUpAfterMinutes),
      sending_queue: targetQueue(target, storage),
    },
  };
}

/**
 * In bytes: a queue that is counted in records would hold more than its share of the volume when records are large, and
 * the volume is the primary targets' too.
 */
export function targetQueue(target: Target, storage: Extension | undefined): ConfigMap {
  const { settings } = target;
  return {
    sizer: "bytes",
    queue_size: settings.queue.maxMiB * bytesPerMiB,
    block_on_overflow: false,
    storage: storage === undefined ? undefined : extensionLink(storage),
    batch: { ...batchSize(target), flush_timeout: `${settings.batch.timeoutMs}ms` },
  };
}

function batchSize({ kind, settings }: Target): ConfigMap {
  if (kind === "kafka") {
    const bytes = settings.batch.maxKiB * bytesPerKiB;
    return { sizer: "bytes", min_size: bytes, max_size: bytes };
  }
  const { maxRecords } = settings.batch;
  return { sizer: "items", min_size: maxRecords, max_size: maxRecords };
}

function retries(giveUpAfterMinutes: number): ConfigMap {
  return {
    initial_interval: "1s",
    max_interval: "30s",
    max_elapsed_time: `${giveUpAfterMinutes}m`,
  };
}

function delivery({ retry }: Target["settings"]): ConfigMap {
  return {
    timeout: requestTimeout,
    retry_on_failure: { enabled: true, ...retries(retry.giveUpAfterMinutes) },
  };
}

function otlp(
  settings: TargetSettings<"otlp">,
  sending_queue: ConfigMap,
): Pick<Exporter, "name" | "config"> {
  const { endpoint, compression } = settings;
  const config = {
    compression,
    headers: headers(settings),
    ...delivery(settings),
    sending_queue,
  };
  if (settings.protocol === "http") {
    const base = endpoint.replace(/\/+$/, "");
    return {
      name: "otlp_http",
      config: { endpoint: base, tls: tls(settings, endpoint), ...config },
    };
  }
  const { hostname, port, protocol } = new URL(endpoint);
  const host = `${hostname}:${port === "" ? (protocol === "http:" ? 80 : 443) : port}`;
  return { name: "otlp_grpc", config: { endpoint: host, tls: tls(settings, endpoint), ...config } };
}

/** Absent where nothing differs from the defaults: public authorities, and the name that is dialled. */
function tls(
  { tls: { authority, serverName } }: Pick<TargetSettings<"otlp">, "tls">,
  endpoint: string,
): ConfigMap | undefined {
  if (endpoint.startsWith("http://")) return { insecure: true };
  if (authority === undefined && serverName === undefined) return undefined;
  return { ca_pem: authority, server_name_override: serverName };
}

function headers({
  headers: open,
  secretHeaders,
}: Pick<TargetSettings<"otlp">, "headers" | "secretHeaders">): ConfigMap | undefined {
  const secret = Object.entries(secretHeaders).map(([header, name]): [string, ConfigValue] => [
    header,
    fromSecret(name),
  ]);
  const all = { ...open, ...Object.fromEntries(secret) };
  return Object.keys(all).length === 0 ? undefined : all;
}

function fromSecret(name: string | undefined): ConfigValue {
  return name === undefined ? undefined : fromEnvironment(secretVariable(name));
}

function elasticsearch(settings: TargetSettings<"elasticsearch">): ConfigMap {
  const { endpoints, user, passwordSecret, apiKeySecret, indexes, compression, retry } = settings;
  const [first = ""] = endpoints;
  return {
    endpoints: [...endpoints],
    user,
    password: fromSecret(passwordSecret),
    api_key: fromSecret(apiKeySecret),
    logs_index: indexes.logs,
    traces_index: indexes.traces,
    metrics_index: indexes.metrics,
    compression,
    tls: tls(settings, first),
    timeout: requestTimeout,
    retry: {
      enabled: true,
      initial_interval: "1s",
      max_interval: `${longestElasticsearchWaitSeconds}s`,
      max_retries: elasticsearchRetries(retry.giveUpAfterMinutes),
      // Without those of a proxy before it, an Elasticsearch that restarts would lose what comes meanwhile.
      retry_on_status: [429, 502, 503, 504],
    },
  };
}

const longestElasticsearchWaitSeconds = 30;

/** It counts tries, not time: most of them come after the longest wait. */
function elasticsearchRetries(giveUpAfterMinutes: number): number {
  const minutes = giveUpAfterMinutes === 0 ? 365 * 24 * 60 : giveUpAfterMinutes;
  return Math.ceil((minutes * 60) / longestElasticsearchWaitSeconds);
}

function s3(settings: TargetSettings<"s3">): ConfigMap {
  const { bucket, prefix, region, endpoint, format, compression } = settings;
  return {
    marshaler: format === "json" ? "otlp_json" : "otlp_proto",
    s3uploader: {
      region,
      s3_bucket: bucket,
      s3_prefix: prefix,
      s3_partition_format: "year=%Y/month=%m/day=%d/hour=%H",
      s3_partition_timezone: "UTC",
      // At random, two replicas could name two objects alike, and one would be gone.
      unique_key_func_name: "uuidv7",
      endpoint,
      s3_force_path_style: endpoint === undefined ? undefined : true,
      compression: compression === "none" ? undefined : compression,
    },
  };
}

function kafka(settings: TargetSettings<"kafka">): ConfigMap {
  const { brokers, encryption, user, passwordSecret, mechanism, topics, format } = settings;
  const encoding = format === "json" ? "otlp_json" : "otlp_proto";
  const { authority, serverName } = settings.tls;
  return {
    brokers: [...brokers],
    tls:
      encryption === "none"
        ? undefined
        : { insecure: false, ca_pem: authority, server_name_override: serverName },
    auth:
      user === undefined
        ? undefined
        : { sasl: { username: user, password: fromSecret(passwordSecret), mechanism } },
    logs: { topic: topics.logs, encoding },
    traces: { topic: topics.traces, encoding },
    metrics: { topic: topics.metrics, encoding },
    producer: {
      compression: settings.compression,
      // Every replica that is in step has it before it counts as sent.
      required_acks: -1,
      max_message_bytes: (settings.batch.maxKiB + kafkaOverheadKiB) * bytesPerKiB,
    },
  };
}

/** Writes one signal of a file target. It has no queue, and needs one: a volume that hangs would hold everybody up. */
export function fileExporter(
  name: string,
  settings: TargetSettings<"file">,
  signal: Signal,
): Exporter {
  const { format, compression } = settings;
  const isText = format === "json" && compression === "none";
  return {
    kind: "exporter",
    name: "file",
    purpose: `${loopbackPurpose(name)}-${signal}`,
    config: {
      path: `${collectorMounts.files}/${name}/${signal}.${isText ? "jsonl" : "otlp"}`,
      format: format === "json" ? "json" : "proto",
      compression: compression === "none" ? undefined : compression,
      rotation: {
        max_megabytes: settings.maxFileMiB,
        max_backups: settings.maxFiles,
        max_days: settings.maxAgeDays,
      },
    },
  };
}

/** Its own queue is in memory and its log on disk has no bound: it is used without, behind a queue that has both. */
export function remoteWriteExporter(
  name: string,
  settings: TargetSettings<"prometheusRemoteWrite">,
): Exporter {
  const minutes = settings.retry.giveUpAfterMinutes || longestRemoteWriteMinutes;
  return {
    kind: "exporter",
    name: "prometheus_remote_write",
    purpose: loopbackPurpose(name),
    config: {
      endpoint: settings.endpoint,
      headers: headers(settings),
      tls: tls(settings, settings.endpoint),
      // The time for all tries of a request together.
      timeout: `${minutes}m`,
      retry_on_failure: { enabled: true, ...retries(minutes) },
      remote_write_queue: { enabled: false },
      resource_to_telemetry_conversion: { enabled: true },
    },
  };
}
