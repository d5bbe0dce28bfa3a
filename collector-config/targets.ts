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
import { targetPurpose } from "./fan-out-exporters.ts";
import { fanOutTo, optionalTargets, type OptionalTarget } from "./fan-out.ts";
import type { Connector, Exporter, Extension, Pipeline, PipelineId, Signal } from "./model.ts";

/** Where each signal goes, and the pipelines that are needed on the way. */
export interface Targets {
  readonly exporters: Readonly<Record<Signal, readonly (Exporter | Connector)[]>>;
  readonly pipelines: readonly Pipeline[];
}

/**
 * Everything that the gateway sends to. Loki, the samplers and the first Prometheus are primary: full, they refuse, and the
 * sender keeps what it has. All others are optional: full, they lose what is theirs.
 */
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
  const [primary, ...secondary] = prometheusExporters(endpoints.prometheusOtlp, sending);
  const fanOut = fanOutTo(settings, storage);
  const optional = optionalTargets([...secondary.map(optionalPrometheus), ...fanOut.targets]);
  const traces = dealt(samplers);
  return {
    exporters: {
      logs: [lokiExporter(endpoints.lokiOtlp, sending), ...optional.exporters.logs, ...debug],
      metrics: [
        ...(primary === undefined ? [] : [primary]),
        ...optional.exporters.metrics,
        ...debug,
      ],
      traces: [...traces.exporters, ...optional.exporters.traces, ...debug],
    },
    pipelines: [...traces.pipelines, ...optional.pipelines, ...fanOut.pipelines],
  };
}

function optionalPrometheus(exporter: Exporter): OptionalTarget {
  const named = { ...exporter, purpose: targetPurpose(exporter.purpose) };
  return { signal: "metrics", filters: [], exporter: named };
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
