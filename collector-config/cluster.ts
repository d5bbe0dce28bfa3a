import type { Endpoints } from "../config/endpoints.ts";
import { clusterLease } from "../config/leases.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { goMemoryLimitMiB } from "../config/sizing.ts";
import { images } from "../config/versions.ts";
import { clusterEvents, clusterState } from "./cluster-receivers.ts";
import { gatewaysExporter } from "./exporters.ts";
import { election, healthCheck } from "./extensions.ts";
import { limitsOf } from "./limits.ts";
import type { CollectorConfig } from "./model.ts";
import { limitsFrom, memoryLimiter, resource } from "./processors.ts";
import { ownTelemetry } from "./telemetry.ts";

const role = "cluster";

/** Room for the gateways to be away some minutes: what is lost is told again, but events. */
const waitingRecords = 50_000;

/** Events come from no workload: under this name they are found. */
const eventsService = "kubernetes-events";

/** The collector of what the Kubernetes API knows: state as metrics, events as logs. */
export function clusterConfig(settings: Settings, endpoints: Endpoints): CollectorConfig {
  const { cluster, gateway } = settings.collector;
  const elected = election(settings.namespace, clusterLease);
  const limitMiB = goMemoryLimitMiB(cluster.resources.memoryMiB);
  const limiter = memoryLimiter(limitsFrom(limitMiB, gateway.memoryLimiter.checkIntervalMs));
  const sending = {
    batch: gateway.batch,
    maxRecords: Math.max(waitingRecords, gateway.batch.maxRecords),
  };
  return {
    role,
    version: images.collector.tag,
    extensions: [healthCheck(ports.cluster.health), elected],
    pipelines: [
      {
        signal: "metrics",
        purpose: "state",
        receivers: [clusterState(settings, elected)],
        processors: [limiter],
        exporters: [gatewaysExporter("metrics", endpoints.gateways, sending)],
      },
      {
        signal: "logs",
        purpose: "events",
        receivers: [clusterEvents(elected)],
        processors: [limiter, resource("events", { "service.name": eventsService })],
        exporters: [gatewaysExporter("logs", endpoints.gateways, sending)],
      },
    ],
    telemetry: ownTelemetry({
      role,
      namespace: settings.namespace,
      metricsPort: ports.cluster.metrics,
    }),
    limits: limitsOf(settings, cluster.resources.memoryMiB),
  };
}
