import { maxBatchWaitMs } from "../config/objectives.ts";
import type { Settings } from "../config/settings.ts";
import {
  extensionLink,
  type ConfigMap,
  type Exporter,
  type Extension,
  type Signal,
} from "./model.ts";

/** How the exporters of a collector queue and batch. */
export interface Sending {
  readonly batch: Settings["collector"]["gateway"]["batch"];
  readonly maxRecords: number;
  /** Where queues are kept; without it they are in memory. */
  readonly storage?: Extension;
}

/** The sending that a stack's settings ask for. */
export function sendingOf(settings: Settings, storage: Extension | undefined): Sending {
  const { batch, queue } = settings.collector.gateway;
  return {
    batch,
    maxRecords: queue.maxRecords,
    ...(storage === undefined ? {} : { storage }),
  };
}

/** One of `shares` queues that together hold what one would. The settings' rules see to it that each holds a batch. */
export function shareOf(sending: Sending, shares: number): Sending {
  return { ...sending, maxRecords: Math.ceil(sending.maxRecords / shares) };
}

/** A batch leaves when it is full or has waited this long. */
function flushMs(signal: Signal, timeoutMs: number): number {
  return signal === "metrics" ? timeoutMs : Math.min(timeoutMs, maxBatchWaitMs[signal]);
}

/** A queue of `sending`, with batches that wait no longer than their signal may. */
export function sendingQueue(signal: Signal, { batch, maxRecords, storage }: Sending): ConfigMap {
  return {
    sizer: "items",
    queue_size: maxRecords,
    // A full queue refuses, and the sender keeps the data and tries again.
    block_on_overflow: false,
    storage: storage === undefined ? undefined : extensionLink(storage),
    batch: {
      flush_timeout: `${flushMs(signal, batch.timeoutMs)}ms`,
      min_size: batch.maxRecords,
      max_size: batch.maxRecords,
    },
  };
}

interface ExporterArgs {
  readonly purpose: string;
  readonly signal: Signal;
  readonly endpoint: string;
  readonly sending: Sending;
}

function delivery({ signal, sending }: ExporterArgs): ConfigMap {
  return {
    // In the cluster CPU is dearer than bytes on the wire.
    compression: "none",
    // A request given up early is sent twice.
    timeout: "30s",
    retry_on_failure: { initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
    sending_queue: sendingQueue(signal, sending),
  };
}

function otlpHttp(args: ExporterArgs): Exporter {
  return {
    kind: "exporter",
    name: "otlp_http",
    purpose: args.purpose,
    config: { endpoint: args.endpoint, ...delivery(args) },
  };
}

export function lokiExporter(endpoint: string, sending: Sending): Exporter {
  return otlpHttp({ purpose: "loki", signal: "logs", endpoint, sending });
}

export function tempoExporter(endpoint: string, sending: Sending): Exporter {
  return otlpHttp({ purpose: "tempo", signal: "traces", endpoint, sending });
}

/** One for each Prometheus: every one of them gets everything. */
export function prometheusExporters(endpoints: readonly string[], sending: Sending): Exporter[] {
  return endpoints.map((endpoint, ordinal) =>
    otlpHttp({ purpose: `prometheus-${ordinal}`, signal: "metrics", endpoint, sending }),
  );
}

/** To the gateways, all of which it knows, one request after the other: each signal by a queue of its own. */
export function gatewaysExporter(signal: Signal, endpoint: string, sending: Sending): Exporter {
  const args: ExporterArgs = { purpose: `gateways-${signal}`, signal, endpoint, sending };
  return {
    kind: "exporter",
    name: "otlp_grpc",
    purpose: args.purpose,
    target: "gateways",
    config: {
      // Asked anew whenever a gateway ends a connection, as each does by age: that is how a new one is found.
      endpoint: `dns:///${endpoint}`,
      balancer_name: "round_robin",
      tls: { insecure: true },
      ...delivery(args),
    },
  };
}

/** To one sampler, with a queue of its own, so that the others go on while it is away. */
export function samplerExporter(ordinal: number, endpoint: string, sending: Sending): Exporter {
  const args: ExporterArgs = { purpose: `sampler-${ordinal}`, signal: "traces", endpoint, sending };
  return {
    kind: "exporter",
    name: "otlp_grpc",
    purpose: args.purpose,
    config: {
      // Looked up at every dial: gRPC's own resolver asks again only after 30 s, and a started sampler would wait for it.
      endpoint: `passthrough:///${endpoint}`,
      balancer_name: "pick_first",
      tls: { insecure: true },
      ...delivery(args),
    },
  };
}

/** Prints one line for each record to the collector's own log. */
export function debugExporter(): Exporter {
  return {
    kind: "exporter",
    name: "debug",
    purpose: "console",
    config: { verbosity: "normal" },
  };
}
