import type { Endpoints } from "../config/endpoints.ts";
import { oldestLineMinutes } from "../config/oldest-log.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { images } from "../config/versions.ts";
import {
  fluentIdentity,
  forgetClaims,
  lineContext,
  nodeIdentity,
  podMetadata,
  unwantedLines,
} from "./agent-processors.ts";
import { gatewaysExporter } from "./exporters.ts";
import { healthCheck, queueStorage } from "./extensions.ts";
import type { CollectorConfig, Exporter, Extension, Pipeline, Signal } from "./model.ts";
import { fluentForward, kubeletDiskUse, nodeMetrics } from "./node-receivers.ts";
import { limitsFrom, memoryLimiter } from "./processors.ts";
import { applicationsReceiver } from "./receivers.ts";
import { collectorLogs, podLogs } from "./tail.ts";
import { ownTelemetry } from "./telemetry.ts";

const role = "agent";

/** The collector of each node: takes what its pods send, reads what they print, and says whose it is. */
export function agentConfig(settings: Settings, endpoints: Endpoints): CollectorConfig {
  const { agent, gateway } = settings.collector;
  const storage = queueStorage();
  const sending = { batch: gateway.batch, maxRecords: agent.queue.maxRecords, storage };
  const to = (signal: Signal) => gatewaysExporter(signal, endpoints.gateways, sending);
  return {
    role,
    version: images.collector.tag,
    extensions: [healthCheck(ports.agent.health), storage],
    pipelines: pipelines(settings, storage, {
      logs: to("logs"),
      metrics: to("metrics"),
      traces: to("traces"),
    }),
    telemetry: ownTelemetry({
      role,
      namespace: settings.namespace,
      metricsPort: ports.agent.metrics,
    }),
    limits: {
      containerMiB: agent.resources.memoryMiB,
      queueVolumeMiB: agent.queue.diskMiB,
      recordBytes: gateway.queue.recordBytes,
    },
  };
}

function pipelines(
  settings: Settings,
  storage: Extension,
  to: Readonly<Record<Signal, Exporter>>,
): Pipeline[] {
  const { agent, gateway } = settings.collector;
  const { checkIntervalMs } = gateway.memoryLimiter;
  const limiter = memoryLimiter(limitsFrom(agent.memoryLimitMiB, checkIntervalMs));
  const sent = { receiver: applicationsReceiver(gateway), claims: forgetClaims() };
  const pods = podMetadata();
  const node = nodeIdentity();
  const unwanted = unwantedLines(oldestLineMinutes(settings));
  const applications = (["logs", "metrics", "traces"] as const).map((signal): Pipeline => ({
    signal,
    purpose: "applications",
    receivers: [sent.receiver],
    processors: [limiter, sent.claims, pods],
    exporters: [to[signal]],
  }));
  return [
    ...applications,
    {
      signal: "logs",
      purpose: "fluent",
      receivers: [fluentForward()],
      processors: [limiter, sent.claims, fluentIdentity()],
      exporters: [to.logs],
    },
    {
      signal: "logs",
      purpose: "pods",
      receivers: [podLogs(settings.namespace, storage)],
      processors: [limiter, pods, unwanted, lineContext()],
      exporters: [to.logs],
    },
    {
      signal: "logs",
      purpose: "collectors",
      receivers: [collectorLogs(settings.namespace, storage)],
      processors: [limiter, pods, unwanted],
      exporters: [to.logs],
    },
    {
      signal: "metrics",
      purpose: "node",
      receivers: [nodeMetrics(settings), kubeletDiskUse(settings)],
      processors: [limiter, pods, node],
      exporters: [to.metrics],
    },
  ];
}
