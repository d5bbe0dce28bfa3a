import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toYaml } from "../../config/yaml.ts";
import { freePort, until } from "../../local/loopback.ts";

export { freePort, until };

type Settings = Record<string, unknown>;

/** A collector's configuration as the generator makes it, typed as far as the tests change it. */
export interface CollectorDocument {
  readonly receivers: Record<string, Settings>;
  readonly processors: Record<string, Settings>;
  readonly connectors?: Record<string, Settings>;
  readonly exporters: Record<string, Settings>;
  readonly service: {
    readonly pipelines: Record<string, Pipeline>;
    readonly telemetry: Settings;
  };
}

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** A running collector whose exporters write files, one line of OTLP JSON for each batch. */
export interface LoopbackCollector extends AsyncDisposable {
  readonly otlpHttp: string;
  /** What `type/purpose` was given, parsed. */
  exported(exporter: string): unknown[];
}

/** Listeners to run instead of the one plain receiver, with the extensions that they use. */
export interface OwnListeners {
  readonly receivers: Record<string, Settings>;
  readonly extensions: Record<string, Settings>;
  /** Where `health_check/probes`, one of the extensions, listens. */
  readonly health: string;
}

/**
 * Runs what a collector does between its ends: the one receiver listens on loopback, exporters write files. Processors
 * that ask the cluster are left out, and metrics are flushed each second.
 */
export async function runOnLoopback(
  binary: string,
  document: CollectorDocument,
  directory: string,
  own?: OwnListeners,
): Promise<LoopbackCollector> {
  const otlp = await freePort();
  const health = own?.health ?? `127.0.0.1:${await freePort()}`;
  const fileOf = (exporter: string) => join(directory, `${exporter.replaceAll("/", "-")}.jsonl`);
  const config = {
    extensions: own?.extensions ?? { health_check: { endpoint: health } },
    receivers:
      own?.receivers ??
      mapValues(document.receivers, () => ({
        protocols: { http: { endpoint: `127.0.0.1:${otlp}` } },
      })),
    processors: withoutCluster(document.processors),
    connectors: mapValues(document.connectors ?? {}, (settings) =>
      "metrics_flush_interval" in settings
        ? { ...settings, metrics_flush_interval: "1s" }
        : settings,
    ),
    exporters: Object.fromEntries(
      Object.keys(document.exporters).map((id) => [
        asFile(id),
        { path: fileOf(id), flush_interval: "100ms" },
      ]),
    ),
    service: {
      extensions: Object.keys(own?.extensions ?? { health_check: {} }),
      telemetry: { ...document.service.telemetry, metrics: { level: "none" } },
      pipelines: mapValues(document.service.pipelines, (pipeline) => ({
        ...pipeline,
        processors: pipeline.processors.filter((id) => !asksCluster(id)),
        exporters: pipeline.exporters.map((id) => (id in document.exporters ? asFile(id) : id)),
      })),
    },
  };
  const path = join(directory, "collector.yaml");
  writeFileSync(path, toYaml(config));
  const collector = spawn(binary, ["--config", path], {
    env: { ...process.env, POD_NAME: "pod", NODE_NAME: "node" },
  });
  let log = "";
  collector.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise((resolve) => collector.once("exit", resolve));
  try {
    await until("the collector is healthy", async () => {
      if (collector.exitCode !== null) throw new Error(`The collector ended:\n${log}`);
      return fetch(`http://${health}`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (error) {
    collector.kill("SIGKILL");
    throw error;
  }
  return {
    otlpHttp: `http://127.0.0.1:${otlp}`,
    exported: (exporter) => readLines(fileOf(exporter)),
    async [Symbol.asyncDispose]() {
      collector.kill("SIGTERM");
      await ended;
    },
  };
}

function asFile(exporter: string): string {
  return `file/${exporter.replaceAll("/", "-")}`;
}

function asksCluster(processor: string): boolean {
  return processor.startsWith("k8s_attributes/");
}

function withoutCluster(processors: Record<string, Settings>): Record<string, Settings> {
  return Object.fromEntries(Object.entries(processors).filter(([id]) => !asksCluster(id)));
}

function mapValues<T, U>(values: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

/** Only whole lines: the last may be half written. */
function readLines(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}
