import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { load } from "js-yaml";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { renderCollectorConfig } from "../../collector-config/render.ts";
import { endpoints } from "../../config/endpoints.ts";
import { fileTargets } from "../../config/fan-out.ts";
import { collectorMounts } from "../../config/mounts.ts";
import { toYaml } from "../../config/yaml.ts";
import { stackSettings } from "../harness.ts";
import { freePort, until } from "./loopback-collector.ts";

type Config = Record<string, unknown>;

/** A gateway's configuration, as far as it is changed to run on loopback. */
interface Document {
  extensions: Record<string, Config>;
  receivers: Record<string, { protocols: Record<string, { endpoint: string }> }>;
  processors: Record<string, Config>;
  exporters: Record<string, Config>;
  service: {
    extensions: string[];
    telemetry: { metrics: unknown };
    pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }>;
  };
}

interface GatewayArgs {
  readonly binary: string;
  /** For its queues and files; a gateway that is started again there finds what it left. */
  readonly directory: string;
  /** The targets, as a stack would write them. */
  readonly fanOut: object;
  /** Where logs go first, and the first and second Prometheus. */
  readonly primary: { readonly loki: string; readonly prometheus?: string };
  readonly secondPrometheus?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The gateway that a stack with these targets has, with its ends on loopback. */
export interface RunningGateway extends AsyncDisposable {
  readonly otlp: string;
  /** As a crash would. */
  kill(): Promise<void>;
  /** Sum of a counter's series whose exporter is this one. */
  counted(metric: string, exporter: string): Promise<number>;
}

export async function runGateway(args: GatewayArgs): Promise<RunningGateway> {
  const { directory } = args;
  const [otlp, health, metrics] = [await freePort(), await freePort(), await freePort()];
  const path = join(directory, "gateway.yaml");
  writeFileSync(path, toYaml(await onLoopback(args, { otlp, health, metrics })));
  const env = { ...process.env, POD_NAME: "pod", ...args.env };
  const collector = spawn(args.binary, ["--config", path], { env });
  let log = "";
  collector.stderr.on("data", (chunk: Buffer) => (log = `${log}${chunk.toString()}`.slice(-9_000)));
  const ended = new Promise<void>((resolve) =>
    collector.once("exit", () => {
      resolve();
    }),
  );
  await until("the gateway is healthy", async () => {
    if (collector.exitCode !== null) throw new Error(`The gateway ended:\n${log}`);
    return fetch(`http://127.0.0.1:${health}`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  const stop = (signal: NodeJS.Signals) => stopped(collector, signal, ended);
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    kill: () => stop("SIGKILL"),
    counted: (metric, exporter) => counted(`http://127.0.0.1:${metrics}/metrics`, metric, exporter),
    [Symbol.asyncDispose]: () => stop("SIGKILL"),
  };
}

async function stopped(
  collector: ChildProcess,
  signal: NodeJS.Signals,
  ended: Promise<void>,
): Promise<void> {
  collector.kill(signal);
  await ended;
}

async function counted(url: string, metric: string, exporter: string): Promise<number> {
  const text = await fetch(url).then((response) => response.text());
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`) && line.includes(`exporter="${exporter}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

interface OwnPorts {
  readonly otlp: number;
  readonly health: number;
  readonly metrics: number;
}

/** Everything as generated but for addresses, folders, and what asks a cluster or holds a token. */
async function onLoopback(args: GatewayArgs, own: OwnPorts): Promise<Document> {
  const settings = stackSettings("prod", {
    collector: {
      gateway: { public: { enabled: false }, queue: { maxRecords: 500_000 } },
      sampler: { replicas: 1 },
      fanOut: args.fanOut,
    },
    prometheus: { replicas: args.secondPrometheus === undefined ? 1 : 2 },
  });
  const files = join(args.directory, "files");
  for (const { name } of fileTargets(settings)) mkdirSync(join(files, name), { recursive: true });
  const text = renderCollectorConfig(gatewayConfig(settings, endpoints(settings)))
    .replaceAll(collectorMounts.queue, join(args.directory, "queue"))
    .replaceAll(collectorMounts.files, files);
  const document = load(text) as Document;
  const dialled = (id: string, endpoint: string) => {
    document.exporters[id] = { ...document.exporters[id], endpoint };
  };
  dialled("otlp_http/loki", args.primary.loki);
  dialled("otlp_http/prometheus-0", args.primary.prometheus ?? args.primary.loki);
  if (args.secondPrometheus !== undefined) {
    dialled("otlp_http/target-prometheus-1", args.secondPrometheus);
  }
  document.receivers["otlp/agents"] = {
    protocols: { http: { endpoint: `127.0.0.1:${own.otlp}` } },
  };
  for (const [id, { protocols }] of Object.entries(document.receivers)) {
    if (protocols["grpc"] === undefined) continue;
    const endpoint = `127.0.0.1:${await freePort()}`;
    protocols["grpc"].endpoint = endpoint;
    dialled(id.replace("otlp/to-", "otlp_grpc/target-"), endpoint);
  }
  document.extensions["health_check/probes"] = { endpoint: `127.0.0.1:${own.health}` };
  const reader = { host: "127.0.0.1", port: own.metrics, without_scope_info: true };
  document.service.telemetry.metrics = {
    level: "normal",
    readers: [
      {
        pull: {
          exporter: {
            prometheus: { ...reader, without_type_suffix: false, without_units: false },
          },
        },
      },
    ],
  };
  const asksCluster = (id: string) => id.startsWith("k8s_attributes/");
  for (const id of Object.keys(document.processors).filter(asksCluster)) {
    Reflect.deleteProperty(document.processors, id);
  }
  for (const pipeline of Object.values(document.service.pipelines)) {
    pipeline.processors = pipeline.processors.filter((id) => !asksCluster(id));
  }
  return document;
}

/** What a target answers to its nth request; a number is a status. */
export type Behaviour = (request: number) => number | Promise<number>;

/** A target that speaks HTTP, and remembers what it took. */
export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** How often each id was taken. */
  readonly taken: ReadonlyMap<string, number>;
}

const idPattern = /id-(\d{6})/g;

/** Body of the log with this id: its length makes queues fill at a number of records that a test can say. */
export function bodyOf(id: number, length = 200): string {
  return `id-${String(id).padStart(6, "0")} `.padEnd(length, "x");
}

/** Takes whatever holds ids, such as uncompressed OTLP. */
export async function standIn(port: number, behaviour: Behaviour = () => 200): Promise<StandIn> {
  const taken = new Map<string, number>();
  let requests = 0;
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests += 1;
    const status = await behaviour(requests);
    if (status === 200) note(taken, Buffer.concat(chunks).toString("latin1"));
    response.writeHead(status, { "content-type": "application/x-protobuf" }).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Adds the ids that a text holds. */
export function note(taken: Map<string, number>, text: string): void {
  for (const [, id = ""] of text.matchAll(idPattern)) taken.set(id, (taken.get(id) ?? 0) + 1);
}

export interface Sent {
  /** Tries that were refused. */
  readonly refused: number;
  /** The longest that the gateway took to answer. */
  readonly slowestMs: number;
}

/** Sends logs with these ids in requests of 100, each until it is taken. */
export async function sendLogs(
  otlp: () => string,
  ids: { readonly from: number; readonly to: number; readonly bodyLength?: number },
): Promise<Sent> {
  let [refused, slowestMs] = [0, 0];
  for (let first = ids.from; first < ids.to; first += 100) {
    const logRecords = Array.from({ length: Math.min(100, ids.to - first) }, (_, index) => ({
      timeUnixNano: `${Date.now()}000000`,
      severityNumber: 9,
      body: { stringValue: bodyOf(first + index, ids.bodyLength) },
    }));
    const attributes = [{ key: "service.name", value: { stringValue: "shop" } }];
    const body = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
    for (;;) {
      const started = performance.now();
      const isTaken = await post(`${otlp()}/v1/logs`, body);
      slowestMs = Math.max(slowestMs, performance.now() - started);
      if (isTaken) break;
      refused += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { refused, slowestMs };
}

export async function post(url: string, body: object): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

/** Ids that were taken more than once, and how many were taken at all. */
export function tally(taken: ReadonlyMap<string, number>): { ids: number; again: number } {
  return { ids: taken.size, again: [...taken.values()].filter((times) => times > 1).length };
}
