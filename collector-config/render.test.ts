import { describe, expect, it } from "vitest";
import { ConfigError } from "../config/issue.ts";
import { fromEnvironment, type CollectorConfig, type Pipeline, type Receiver } from "./model.ts";
import { collectorDocument, renderCollectorConfig } from "./render.ts";

const receiver: Receiver = {
  kind: "receiver",
  name: "otlp",
  purpose: "in",
  source: "collectors",
  config: { pattern: "(a|b)$", pod: fromEnvironment("POD_NAME"), left: undefined },
};

const pipeline: Pipeline = {
  signal: "traces",
  purpose: "in",
  receivers: [receiver],
  processors: [
    {
      kind: "processor",
      name: "memory_limiter",
      purpose: "heap",
      config: { limit_mib: 2, spike_limit_mib: 1 },
    },
  ],
  exporters: [{ kind: "exporter", name: "otlp_http", purpose: "tempo", config: {} }],
};

function config(parts: Partial<CollectorConfig> = {}): CollectorConfig {
  return {
    role: "sampler",
    version: "0.152.0",
    extensions: [],
    pipelines: [pipeline],
    telemetry: {},
    limits: { containerMiB: 3, queueVolumeMiB: 0, recordBytes: 1 },
    ...parts,
  };
}

describe("renderCollectorConfig", () => {
  it("writes sorted YAML, doubles what would be substituted, and keeps its own variables", () => {
    expect(renderCollectorConfig(config())).toBe(`exporters:
  otlp_http/tempo: {}
processors:
  memory_limiter/heap:
    limit_mib: 2
    spike_limit_mib: 1
receivers:
  otlp/in:
    pattern: (a|b)$$
    pod: \${env:POD_NAME}
service:
  extensions: []
  pipelines:
    traces/in:
      exporters:
        - otlp_http/tempo
      processors:
        - memory_limiter/heap
      receivers:
        - otlp/in
  telemetry: {}
`);
  });

  it("spells names as the collector's version does", () => {
    const { exporters } = collectorDocument(config({ version: "0.139.0" }));
    expect(exporters).toEqual({ "otlphttp/tempo": {} });
  });

  it("writes nothing that does not hold together", () => {
    const broken = config({ pipelines: [{ ...pipeline, exporters: [] }] });
    expect(() => renderCollectorConfig(broken)).toThrow(ConfigError);
  });
});
