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
        processors: ["tail_sampling/keep", "filter/sent"],
        exporters: ["otlp_http/tempo", "span_metrics/kept"],
      },
      "traces/errors": {
        receivers: ["routing/decided"],
        processors: [],
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

  it("sends errors at once, and what it keeps without them", () => {
    expect(document.connectors?.["routing/decided"]).toEqual({
      table: [
        {
          context: "span",
          condition: "status.code == STATUS_CODE_ERROR",
          action: "copy",
          pipelines: ["traces/errors"],
        },
        { context: "resource", condition: "true", pipelines: ["traces/decided"] },
      ],
    });
    expect(document.processors?.["filter/sent"]).toEqual({
      error_mode: "ignore",
      trace_conditions: ["span.status.code == STATUS_CODE_ERROR"],
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
  const document = sampler("dev");

  it("keeps everything", () => {
    expect(decisions(document)).toMatchObject({
      decision_wait: "10s",
      num_traces: 10_000,
      policies: [{ name: "all", type: "always_sample" }],
    });
  });

  it("sends errors with their traces, since none is dropped", () => {
    expect(document.service?.pipelines).not.toHaveProperty("traces/errors");
    expect(document.service?.pipelines).toHaveProperty(
      ["traces/decided", "processors"],
      ["tail_sampling/keep"],
    );
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

describe("a sampler with rules", () => {
  const rules = [
    { name: "noise", route: "/health", percentage: 0 },
    { name: "vip", tenant: 'a"b', percentage: 100 },
    { name: "shop", service: "shop", route: "/users/:id", percentage: 25 },
  ];
  const withRules = (keep: object) =>
    sampler("prod", { collector: { sampler: { keep: { rules, ...keep } } } });
  const meets = (...values: string[]) => ({
    name: "meets",
    type: "string_attribute",
    string_attribute: { key: "sightline.keep_rule", values },
  });
  const meetsNone = (...values: string[]) => ({
    name: "meets-none",
    type: "string_attribute",
    string_attribute: { key: "sightline.keep_rule", values, invert_match: true },
  });
  const all = (name: string, ...policies: object[]) => ({
    name,
    type: "and",
    and: { and_sub_policy: policies },
  });
  const share = (percentage: number) => ({
    name: "share",
    type: "probabilistic",
    probabilistic: { sampling_percentage: percentage },
  });
  const budget = {
    name: "budget",
    type: "rate_limiting",
    rate_limiting: { spans_per_second: 167 },
  };
  const ofRules = [
    all("rule-vip", meets("vip"), meetsNone("noise")),
    all("rule-shop", meets("shop"), meetsNone("noise", "vip"), share(25)),
  ];
  const none = meetsNone("noise", "vip", "shop");

  it.each([
    {
      rest: "the budget, then a share",
      keep: {},
      policies: [...ofRules, all("budget", none, budget), all("share", none, share(10))],
    },
    {
      rest: "nothing",
      keep: { budgetSpansPerSecond: 0, percentage: 0 },
      policies: ofRules,
    },
    {
      rest: "everything",
      keep: { percentage: 100 },
      policies: [...ofRules, all("all", none, { name: "all", type: "always_sample" })],
    },
  ])("keeps each rule's share, of the rest $rest", ({ keep, policies }) => {
    expect(decisions(withRules(keep))).toMatchObject({
      policies: [{ name: "errors" }, { name: "slow" }, ...policies],
    });
  });

  it("keeps everything where every rule does", () => {
    const keep = { percentage: 100, rules: rules.slice(1, 2) };
    expect(decisions(withRules(keep))).toMatchObject({
      policies: [{ name: "all", type: "always_sample" }],
    });
  });

  it("marks spans by the first rule that they meet, and takes the marks off again", () => {
    const document = withRules({});
    expect(document.service?.pipelines).toHaveProperty(
      ["traces/decided", "processors"],
      ["transform/mark", "tail_sampling/keep", "filter/sent", "transform/unmark"],
    );
    const unmarked = 'span.attributes["sightline.keep_rule"] == nil';
    const statements = [
      'delete_key(resource.attributes, "sightline.keep_rule")',
      'delete_key(span.attributes, "sightline.keep_rule")',
      `set(span.attributes["sightline.keep_rule"], "noise") where ${unmarked} and span.attributes["http.route"] == "/health"`,
      `set(span.attributes["sightline.keep_rule"], "vip") where ${unmarked} and resource.attributes["sightline.tenant"] == "a\\"b"`,
      `set(span.attributes["sightline.keep_rule"], "shop") where ${unmarked} and resource.attributes["service.name"] == "shop" and span.attributes["http.route"] == "/users/:id"`,
    ];
    expect(document.processors?.["transform/mark"]).toEqual({
      error_mode: "ignore",
      trace_statements: [{ context: "span", statements }],
    });
    expect(document.processors?.["transform/unmark"]).toEqual({
      error_mode: "ignore",
      trace_statements: [
        { context: "span", statements: ['delete_key(span.attributes, "sightline.keep_rule")'] },
      ],
    });
  });
});
