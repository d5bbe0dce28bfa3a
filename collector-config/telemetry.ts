import { fromEnvironment, type ConfigMap } from "./model.ts";

interface TelemetryArgs {
  readonly role: string;
  readonly namespace: string;
  readonly metricsPort: number;
}

/** What a collector says about itself: metrics to be scraped, logs as JSON lines. */
export function ownTelemetry({ role, namespace, metricsPort }: TelemetryArgs): ConfigMap {
  const pod = fromEnvironment("POD_NAME");
  return {
    resource: {
      attributes: [
        { name: "service.name", value: role },
        { name: "service.namespace", value: namespace },
        { name: "service.instance.id", value: pod },
        // Span metrics take this as the writer of a series; without it, each start makes all series anew.
        { name: "collector.instance.id", value: pod },
      ],
    },
    logs: { level: "info", encoding: "json" },
    metrics: {
      level: "normal",
      readers: [{ pull: { exporter: { prometheus: prometheusReader(metricsPort) } } }],
    },
  };
}

/** The defaults of these booleans have changed between versions, and metric names hang on them: here all suffixes are on. */
function prometheusReader(port: number): ConfigMap {
  return {
    host: "0.0.0.0",
    port,
    without_type_suffix: false,
    without_units: false,
    without_scope_info: true,
  };
}
