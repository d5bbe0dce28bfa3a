import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { collectorDocument, renderCollectorConfig } from "./render.ts";
import { samplerConfig } from "./sampler.ts";

interface Document {
  readonly [section: string]: Record<string, unknown> | undefined;
}

function sampler(stack: string, overlay?: unknown) {
  const file = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(import.meta.dirname, "..", file));
  const settings = parseConfig(file, mergeOverlay(written, overlay));
  const config = samplerConfig(settings, endpoints(settings));
  renderCollectorConfig(config);
  return collectorDocument(config) as Document;
}

function decisions(document: Document): unknown {
  return document.processors?.["tail_sampling/keep"];
}

describe("the sampler of prod", () => {
  const document = sampler("prod");

  it("takes or refuses each span once, measures all, and decides", () => {
    const prometheus = ["otlp_http/prometheus-0", "otlp_http/prometheus-1"];
    expect(document.service?.pipelines).toEqual({
      "traces/all": {
        receivers: ["otlp/gateways"],
        processors: ["memory_limiter/heap"],
        exporters: ["span_metrics/all", "service_graph/edges", "routing/decided"],
      },
      "traces/decided": {
        receivers: ["routing/decided"],
        processors: ["tail_sampling/keep"],
        exporters: ["otlp_http/tempo", "span_metrics/kept"],
      },
      "metrics/requests": {
        receivers: ["span_metrics/all", "span_metrics/kept"],
        processors: ["transform/identity"],
        exporters: prometheus,
      },
      "metrics/edges": {
        receivers: ["service_graph/edges"],
        processors: ["resource/writer"],
        exporters: prometheus,
      },
    });
  });

  it("keeps errors and slow traces, then up to its share of the budget, then the percentage", () => {
    expect(decisions(document)).toEqual({
      decision_wait: "30s",
      decision_wait_after_root_received: "500ms",
      num_traces: 100_000,
      block_on_overflow: true,
      decision_cache: { sampled_cache_size: 1_000_000, non_sampled_cache_size: 1_000_000 },
      sample_on_first_match: true,
      policies: [
        { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
        { name: "slow", type: "latency", latency: { threshold_ms: 2_000 } },
        { name: "budget", type: "rate_limiting", rate_limiting: { spans_per_second: 167 } },
        { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: 10 } },
      ],
    });
  });

  it("makes exemplars of kept traces only", () => {
    expect(document.connectors?.["span_metrics/all"]).toMatchObject({
      namespace: "traces.spanmetrics",
      exemplars: { enabled: false },
    });
    expect(document.connectors?.["span_metrics/kept"]).toMatchObject({
      namespace: "traces.kept",
      exemplars: { enabled: true },
    });
  });

  it("tells its series from those of other samplers", () => {
    const pod = { key: "service.instance.id", value: "${env:POD_NAME}", action: "upsert" };
    expect(document.processors?.["resource/writer"]).toEqual({
      attributes: [
        { key: "deployment.environment.name", value: "prod", action: "upsert" },
        { key: "k8s.cluster.name", value: "prod", action: "upsert" },
        { key: "service.name", value: "sampler", action: "upsert" },
        { key: "service.namespace", value: "sightline", action: "upsert" },
        pod,
      ],
    });
    expect(document.service?.telemetry).toMatchObject({
      resource: {
        attributes: [
          { name: "service.name", value: "sampler" },
          { name: "service.namespace", value: "sightline" },
          { name: "service.instance.id", value: "${env:POD_NAME}" },
          { name: "collector.instance.id", value: "${env:POD_NAME}" },
        ],
      },
    });
  });

  it("refuses before the queue of kept spans is full", () => {
    expect(document.processors?.["memory_limiter/heap"]).toEqual({
      check_interval: "500ms",
      limit_mib: 2_048,
      spike_limit_mib: 512,
    });
    expect(document.exporters?.["otlp_http/tempo"]).toEqual({
      endpoint: "http://tempo.sightline.svc.cluster.local:4318",
      compression: "none",
      timeout: "30s",
      retry_on_failure: { initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
      sending_queue: {
        sizer: "items",
        // 2048 MiB of spans of 256 bytes.
        queue_size: 8_388_608,
        block_on_overflow: false,
        batch: { flush_timeout: "200ms", min_size: 1_000, max_size: 1_000 },
      },
    });
  });

  it("takes batches that are larger than any request", () => {
    expect(document.receivers?.["otlp/gateways"]).toMatchObject({
      protocols: { grpc: { endpoint: "0.0.0.0:4317", max_recv_msg_size_mib: 64 } },
    });
    expect(document.receivers?.["otlp/gateways"]).not.toHaveProperty("protocols.http");
  });
});

describe("the sampler of dev", () => {
  it("keeps everything", () => {
    expect(decisions(sampler("dev"))).toMatchObject({
      decision_wait: "10s",
      num_traces: 10_000,
      policies: [{ name: "all", type: "always_sample" }],
    });
  });
});

describe("a sampler without budget and percentage", () => {
  it("keeps errors and slow traces only", () => {
    const keep = { budgetSpansPerSecond: 0, percentage: 0 };
    const document = sampler("prod", { collector: { sampler: { keep } } });
    const { policies } = decisions(document) as { policies: { name: string }[] };
    expect(policies.map(({ name }) => name)).toEqual(["errors", "slow"]);
  });
});
