import type { Endpoints } from "../config/endpoints.ts";
import type { Settings } from "../config/settings.ts";
import { traceShards } from "./connectors.ts";
import {
  debugExporter,
  lokiExporter,
  prometheusExporters,
  samplerExporter,
  sendingOf,
  shareOf,
} from "./exporters.ts";
import type { Connector, Exporter, Extension, Pipeline, PipelineId, Signal } from "./model.ts";

/** Where each signal goes, and the pipelines that are needed on the way. */
export interface Targets {
  readonly exporters: Readonly<Record<Signal, readonly (Exporter | Connector)[]>>;
  readonly pipelines: readonly Pipeline[];
}

/** Everything that the gateway sends to. */
export function gatewayTargets(
  settings: Settings,
  endpoints: Endpoints,
  storage: Extension | undefined,
): Targets {
  const sending = sendingOf(settings, storage);
  const debug = settings.collector.gateway.debugExporter ? [debugExporter()] : [];
  const samplers = endpoints.samplers.map((endpoint, ordinal, { length }) =>
    samplerExporter(ordinal, endpoint, shareOf(sending, length)),
  );
  const traces = dealt(samplers);
  return {
    exporters: {
      logs: [lokiExporter(endpoints.lokiOtlp, sending), ...debug],
      metrics: [...prometheusExporters(endpoints.prometheusOtlp, sending), ...debug],
      traces: [...traces.exporters, ...debug],
    },
    pipelines: traces.pipelines,
  };
}

/** Each sampler gets its share of the trace ids; one alone needs no dealing. */
function dealt(samplers: readonly Exporter[]): {
  exporters: readonly (Exporter | Connector)[];
  pipelines: readonly Pipeline[];
} {
  if (samplers.length === 1) return { exporters: samplers, pipelines: [] };
  const ids = samplers.map(({ purpose }): PipelineId => ({ signal: "traces", purpose }));
  const shards = traceShards(ids);
  const pipelines = samplers.map((exporter): Pipeline => ({
    signal: "traces",
    purpose: exporter.purpose,
    receivers: [shards],
    processors: [],
    exporters: [exporter],
  }));
  return { exporters: [shards], pipelines };
}
