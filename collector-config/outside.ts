import { outsideOtlpHttp } from "../config/endpoints.ts";
import { outsidePaths, outsidePorts } from "../config/outside.ts";
import type { Settings } from "../config/settings.ts";
import { images } from "../config/versions.ts";
import { fromEnvironment } from "./model.ts";
import type { CollectorConfig, ConfigMap, Exporter, Extension, Receiver, Signal } from "./model.ts";
import { limitsFrom, memoryLimiter, resource } from "./processors.ts";
import { sendingQueue } from "./exporters.ts";

const role = "outside";
/** The machine is not ours: it has better things to do than this. */
const memoryMiB = 256;
const queueMiB = 4_096;
const queuedRecords = 1_000_000;
const metricsSeconds = 60;
const here = "127.0.0.1";

/**
 * The collector of a machine that is not in the cluster. Applications on it and its Fluent Bit send to loopback; what it
 * takes waits on its disk until the platform has it, through outages, restarts, and a token that is not yet known.
 */
export function outsideConfig(settings: Settings): CollectorConfig {
  const storage = queueStorage();
  const { checkIntervalMs } = settings.collector.gateway.memoryLimiter;
  const limiter = memoryLimiter(limitsFrom(memoryMiB, checkIntervalMs));
  const machine = resource("machine", { "host.name": fromEnvironment("SIGHTLINE_HOST") });
  const applications = otlp(settings);
  const receivers: Readonly<Record<Signal, readonly Receiver[]>> = {
    logs: [applications, fluentForward],
    metrics: [applications, hostMetrics],
    traces: [applications],
  };
  return {
    role,
    version: images.collector.tag,
    extensions: [storage],
    pipelines: (["logs", "metrics", "traces"] as const).map((signal) => ({
      signal,
      purpose: "machine",
      receivers: receivers[signal],
      processors: [limiter, machine],
      exporters: [toPlatform(settings, signal, storage)],
    })),
    telemetry: ownTelemetry,
    limits: {
      containerMiB: memoryMiB + 1,
      queueVolumeMiB: queueMiB,
      recordBytes: settings.collector.gateway.queue.recordBytes,
    },
  };
}

function otlp({ collector }: Settings): Receiver {
  const { maxRequestMiB } = collector.gateway;
  return {
    kind: "receiver",
    name: "otlp",
    purpose: "machine",
    source: "applications",
    config: {
      protocols: {
        grpc: {
          endpoint: `${here}:${outsidePorts.otlpGrpc}`,
          max_recv_msg_size_mib: maxRequestMiB,
        },
        http: { endpoint: `${here}:${outsidePorts.otlpHttp}` },
      },
    },
  };
}

const fluentForward: Receiver = {
  kind: "receiver",
  name: "fluent_forward",
  purpose: "machine",
  source: "applications",
  config: { endpoint: `${here}:${outsidePorts.fluentForward}` },
};

const hostMetrics: Receiver = {
  kind: "receiver",
  name: "host_metrics",
  purpose: "machine",
  source: "collectors",
  config: {
    collection_interval: `${metricsSeconds}s`,
    scrapers: {
      cpu: {},
      disk: {},
      filesystem: {
        exclude_fs_types: {
          fs_types: [
            "autofs",
            "cgroup2?",
            "devtmpfs",
            "overlay",
            "proc",
            "squashfs",
            "sysfs",
            "tmpfs",
          ],
          match_type: "regexp",
        },
      },
      load: {},
      memory: {},
      network: {},
      paging: {},
    },
  },
};

function queueStorage(): Extension {
  return {
    kind: "extension",
    name: "file_storage",
    purpose: "queue",
    config: {
      directory: outsidePaths.queue,
      create_directory: true,
      recreate: true,
      timeout: "10s",
      compaction: { directory: outsidePaths.queue, on_start: true, on_rebound: true },
    },
  };
}

function toPlatform(settings: Settings, signal: Signal, storage: Extension): Exporter {
  const { batch, public: listener } = settings.collector.gateway;
  const sending = { batch, maxRecords: queuedRecords, storage };
  // A certificate from elsewhere is of an authority that the machine trusts already.
  const ownAuthority: ConfigMap =
    listener.tlsSecret === undefined ? { ca_file: outsidePaths.authority } : {};
  return {
    kind: "exporter",
    name: "otlp_http",
    purpose: `platform-${signal}`,
    target: "gateways",
    config: {
      endpoint: outsideOtlpHttp(settings),
      compression: "gzip",
      headers: { authorization: fromEnvironment("SIGHTLINE_TOKEN", "Bearer ") },
      tls: { min_version: "1.2", ...ownAuthority },
      timeout: "30s",
      retry_on_failure: { initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
      sending_queue: sendingQueue(signal, sending),
    },
  };
}

/** What it says about itself takes the way of everything else. */
const ownTelemetry: ConfigMap = {
  resource: {
    attributes: [
      { name: "service.name", value: "outside-agent" },
      { name: "service.instance.id", value: fromEnvironment("SIGHTLINE_HOST") },
    ],
  },
  logs: { level: "info", encoding: "json" },
  metrics: {
    level: "normal",
    readers: [
      {
        periodic: {
          interval: metricsSeconds * 1_000,
          exporter: {
            otlp: {
              protocol: "http/protobuf",
              endpoint: `http://${here}:${outsidePorts.otlpHttp}`,
            },
          },
        },
      },
    ],
  },
};
