import type { Endpoints } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { images } from "../config/versions.ts";
import { traceShards } from "./connectors.ts";
import {
  debugExporter,
  lokiExporter,
  prometheusExporters,
  samplerExporter,
  sendingOf,
  shareOf,
  type Sending,
} from "./exporters.ts";
import { healthCheck, ingestTokens, queueStorage } from "./extensions.ts";
import { limitsOf } from "./limits.ts";
import type {
  CollectorConfig,
  Connector,
  Exporter,
  Pipeline,
  PipelineId,
  Processor,
  Receiver,
  Signal,
} from "./model.ts";
import { memoryLimiter, podMetadata, redaction, stackIdentity } from "./processors.ts";
import { clusterReceiver, publicReceiver } from "./receivers.ts";
import { ownTelemetry } from "./telemetry.ts";

/** Where each signal goes, and the pipelines that are needed on the way. */
interface Targets {
  readonly exporters: Readonly<Record<Signal, readonly (Exporter | Connector)[]>>;
  readonly pipelines: readonly Pipeline[];
}

/** The collector that everything enters through: names, cleans and deals out what comes. */
export function gatewayConfig(settings: Settings, endpoints: Endpoints): CollectorConfig {
  const { gateway } = settings.collector;
  const storage = gateway.queue.storage === "disk" ? queueStorage() : undefined;
  const tokens = gateway.public.enabled ? ingestTokens() : undefined;
  const targets = targetsOf(endpoints, sendingOf(settings, storage));
  const debug = gateway.debugExporter ? [debugExporter()] : [];

  const limiter = memoryLimiter(gateway.memoryLimiter);
  const stack = stackIdentity(settings);
  const redact = redaction();
  const entrance = (receiver: Receiver, processors: readonly Processor[]): Pipeline[] =>
    (["logs", "metrics", "traces"] as const).map((signal) => ({
      signal,
      purpose: receiver.purpose,
      receivers: [receiver],
      processors,
      exporters: [...targets.exporters[signal], ...debug],
    }));
  const fromCluster = entrance(clusterReceiver(gateway), [limiter, podMetadata(), stack, redact]);
  // Who connects from outside is a balancer or a node, so a connection's address names no pod there.
  const fromOutside =
    tokens === undefined ? [] : entrance(publicReceiver(gateway, tokens), [limiter, stack, redact]);

  return {
    role: "gateway",
    version: images.collector.tag,
    extensions: [
      healthCheck(ports.gateway.health),
      ...(storage === undefined ? [] : [storage]),
      ...(tokens === undefined ? [] : [tokens]),
    ],
    pipelines: [...fromCluster, ...fromOutside, ...targets.pipelines],
    telemetry: ownTelemetry({
      role: "gateway",
      namespace: settings.namespace,
      metricsPort: ports.gateway.metrics,
    }),
    limits: limitsOf(settings, gateway.resources.memoryMiB),
  };
}

function targetsOf(endpoints: Endpoints, sending: Sending): Targets {
  const samplers = endpoints.samplers.map((endpoint, ordinal, { length }) =>
    samplerExporter(ordinal, endpoint, shareOf(sending, length)),
  );
  const logs = [lokiExporter(endpoints.lokiOtlp, sending)];
  const metrics = prometheusExporters(endpoints.prometheusOtlp, sending);
  if (samplers.length === 1)
    return { exporters: { logs, metrics, traces: samplers }, pipelines: [] };

  const ids = samplers.map(({ purpose }): PipelineId => ({ signal: "traces", purpose }));
  const shards = traceShards(ids);
  const pipelines = samplers.map((exporter): Pipeline => ({
    signal: "traces",
    purpose: exporter.purpose,
    receivers: [shards],
    processors: [],
    exporters: [exporter],
  }));
  return { exporters: { logs, metrics, traces: [shards] }, pipelines };
}
