import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollectorConfig } from "../../collector-config/model.ts";
import { collectorDocument } from "../../collector-config/render.ts";
import { mergeOverlay } from "../../config/stack-file.ts";
import { toYaml } from "../../config/yaml.ts";
import { freePort } from "../../local/loopback.ts";
import { grpcTransport, httpTransport, type Transport } from "../generator/transport.ts";
import { Program } from "../processes.ts";

/** Where a collector on loopback listens. */
export interface CollectorPorts {
  readonly grpc: number;
  readonly http: number;
  readonly health: number;
  readonly metrics: number;
}

export async function freePorts(): Promise<CollectorPorts> {
  return {
    grpc: await freePort(),
    http: await freePort(),
    health: await freePort(),
    metrics: await freePort(),
  };
}

type Section = Readonly<Record<string, unknown>>;

interface Document {
  readonly receivers: Readonly<Record<string, { readonly protocols?: Section }>>;
  readonly extensions?: Section;
  readonly service: {
    readonly extensions?: readonly string[];
    readonly pipelines: Readonly<
      Record<
        string,
        {
          readonly receivers: readonly string[];
          readonly processors?: readonly string[];
          readonly exporters: readonly string[];
        }
      >
    >;
  };
}

const address = (port: number) => `127.0.0.1:${port}`;

/** What its own telemetry is scraped from. */
function ownMetrics(port: number) {
  const prometheus = {
    host: "127.0.0.1",
    port,
    without_type_suffix: false,
    without_units: false,
    without_scope_info: true,
  };
  return { level: "normal", readers: [{ pull: { exporter: { prometheus } } }] };
}

/**
 * A generated configuration as it can run on loopback: its plain listener on free ports, its queues in a folder of the
 * run. Listeners that want certificates are left out, and so is what asks the cluster; all else stays as generated.
 */
export function onLoopback(
  config: CollectorConfig,
  ports: CollectorPorts,
  directory: string,
): object {
  const document = collectorDocument(config) as unknown as Document;
  const isGuarded = (protocols: Section = {}) =>
    Object.values(protocols).some(
      (one) => typeof one === "object" && one !== null && ("tls" in one || "auth" in one),
    );
  const guarded = Object.entries(document.receivers)
    .filter(([, { protocols }]) => isGuarded(protocols))
    .map(([id]) => id);
  // What listens on loopback already is for the collector itself.
  const isOwn = (protocols: Section) => JSON.stringify(protocols).includes('"127.0.0.1:');
  const plain = Object.entries(document.receivers).filter(
    ([id, { protocols }]) => protocols !== undefined && !guarded.includes(id) && !isOwn(protocols),
  );
  const listening = plain.map(([id, { protocols = {} }]) => [
    id,
    {
      protocols: Object.fromEntries(
        Object.keys(protocols).map((protocol) => [
          protocol,
          { endpoint: address(protocol === "grpc" ? ports.grpc : ports.http) },
        ]),
      ),
    },
  ]);
  const pipelines = Object.entries(document.service.pipelines).map(([id, pipeline]) => {
    const receivers = pipeline.receivers.filter((receiver) => !guarded.includes(receiver));
    const processors = (pipeline.processors ?? []).filter(
      (one) => !one.startsWith("k8s_attributes/"),
    );
    return [id, receivers.length === 0 ? null : { receivers, processors }];
  });
  const extensions = (document.service.extensions ?? []).filter(
    (id) => id.startsWith("health_check/") || id.startsWith("file_storage/"),
  );
  const queue = join(directory, "queue");
  const moved = extensions.map((id) => [
    id,
    id.startsWith("health_check/")
      ? { endpoint: address(ports.health) }
      : { directory: queue, compaction: { directory: queue } },
  ]);
  const dropped = Object.keys(document.extensions ?? {})
    .filter((id) => !extensions.includes(id))
    .map((id) => [id, null]);
  return mergeOverlay(document, {
    receivers: Object.fromEntries([...listening, ...guarded.map((id) => [id, null])]) as object,
    extensions: Object.fromEntries([...moved, ...dropped]) as object,
    service: {
      extensions,
      pipelines: Object.fromEntries(pipelines) as object,
      telemetry: { metrics: ownMetrics(ports.metrics) },
    },
  }) as object;
}

/** Pipelines written by hand, such as those that the generated ones are held against, with the same telemetry. */
export function byHand(
  ports: CollectorPorts,
  parts: { processors: Section; exporters: Section; order: readonly string[] },
): object {
  const otlp = {
    protocols: { grpc: { endpoint: address(ports.grpc), max_recv_msg_size_mib: 64 } },
  };
  return {
    extensions: { health_check: { endpoint: address(ports.health) } },
    receivers: { otlp },
    processors: parts.processors,
    exporters: parts.exporters,
    service: {
      extensions: ["health_check"],
      telemetry: { logs: { level: "info", encoding: "json" }, metrics: ownMetrics(ports.metrics) },
      pipelines: {
        logs: {
          receivers: ["otlp"],
          processors: parts.order,
          exporters: Object.keys(parts.exporters),
        },
      },
    },
  };
}

export interface CollectorArgs {
  readonly binary: string;
  readonly name: string;
  readonly document: object;
  readonly ports: CollectorPorts;
  readonly directory: string;
  /** As the container sets it. */
  readonly goMemoryLimitMiB?: number;
}

/** A collector's process, and how to reach it. */
export interface LoopbackCollector {
  readonly name: string;
  readonly program: Program;
  readonly metricsUrl: string;
  readonly grpc: () => Transport;
  readonly http: () => Transport;
}

export async function startCollector(args: CollectorArgs): Promise<LoopbackCollector> {
  const { binary, name, document, ports, directory, goMemoryLimitMiB } = args;
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "collector.yaml");
  writeFileSync(file, toYaml(document));
  const program = await Program.start({
    name,
    binary,
    args: ["--config", file],
    env: {
      POD_NAME: name,
      ...(goMemoryLimitMiB === undefined ? {} : { GOMEMLIMIT: `${goMemoryLimitMiB}MiB` }),
    },
    readyUrl: `http://${address(ports.health)}`,
  });
  return {
    name,
    program,
    metricsUrl: `http://${address(ports.metrics)}/metrics`,
    grpc: () => grpcTransport({ host: "127.0.0.1", port: ports.grpc }),
    http: () => httpTransport({ host: "127.0.0.1", port: ports.http }),
  };
}
