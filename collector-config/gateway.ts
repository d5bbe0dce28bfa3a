import type { Endpoints } from "../config/endpoints.ts";
import type { TokenHash } from "../config/ingest-tokens.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { images } from "../config/versions.ts";
import { gatewayEntrances } from "./entrances.ts";
import { healthCheck, ingestTokens, queueStorage } from "./extensions.ts";
import { limitsOf } from "./limits.ts";
import type { CollectorConfig, Pipeline } from "./model.ts";
import { cleaning } from "./processing/cleaning.ts";
import { cleanedCounter, cleanedPipeline } from "./processing/counting.ts";
import { gatewayTargets } from "./targets.ts";
import { ownTelemetry } from "./telemetry.ts";

const signals = ["logs", "metrics", "traces"] as const;

/**
 * The collector that everything enters through: names, cleans and deals out what comes. Of a token that `tokenHashes` lacks,
 * nothing is taken.
 */
export function gatewayConfig(
  settings: Settings,
  endpoints: Endpoints,
  tokenHashes: readonly TokenHash[] = [],
): CollectorConfig {
  const { gateway } = settings.collector;
  const storage = gateway.queue.storage === "disk" ? queueStorage() : undefined;
  const tokens = gateway.public.enabled ? ingestTokens() : undefined;
  const targets = gatewayTargets(settings, endpoints, storage);
  const cleaned = cleaning(settings);
  const counter = cleanedCounter();
  const counted = { logs: [counter], metrics: [], traces: [counter] } as const;
  const access = tokens && { extension: tokens, hashes: tokenHashes };
  const entering = gatewayEntrances(settings, access).flatMap(({ receiver, processors }) =>
    signals.map((signal): Pipeline => ({
      signal,
      purpose: receiver.purpose,
      receivers: [receiver],
      processors: [...processors, ...cleaned[signal]],
      exporters: [...targets.exporters[signal], ...counted[signal]],
    })),
  );

  return {
    role: "gateway",
    version: images.collector.tag,
    extensions: [
      healthCheck(ports.gateway.health),
      ...(storage === undefined ? [] : [storage]),
      ...(tokens === undefined ? [] : [tokens]),
    ],
    pipelines: [
      ...entering,
      cleanedPipeline(counter, targets.exporters.metrics),
      ...targets.pipelines,
    ],
    telemetry: ownTelemetry({
      role: "gateway",
      namespace: settings.namespace,
      metricsPort: ports.gateway.metrics,
    }),
    limits: limitsOf(settings, gateway.resources.memoryMiB),
  };
}
