import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { tokenHashes } from "../config/ingest-tokens.ts";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { gatewayConfig } from "./gateway.ts";
import { collectorDocument, renderCollectorConfig } from "./render.ts";

interface Document {
  readonly [section: string]: Record<string, unknown> | undefined;
}

function gateway(stack: string, overlay?: unknown) {
  const file = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(import.meta.dirname, "..", file));
  const settings = parseConfig(file, mergeOverlay(written, overlay));
  const config = gatewayConfig(settings, endpoints(settings), tokenHashes({ shop: "$x" }));
  renderCollectorConfig(config);
  return collectorDocument(config) as Document;
}

const cleaning = {
  logs: [
    "transform/log-schema",
    "filter/noise-logs",
    "transform/log-secrets",
    "transform/log-limits",
  ],
  metrics: ["transform/metric-secrets", "transform/metric-limits", "filter/series"],
  traces: [
    "transform/span-schema",
    "filter/noise-traces",
    "transform/span-secrets",
    "transform/span-limits",
  ],
};
const counter = { logs: ["count/cleaned"], metrics: [], traces: ["count/cleaned"] };
const tenancy = { agents: [], public: ["transform/tenant"] };

function entrance(signal: keyof typeof cleaning, name: keyof typeof tenancy, ends: string[]) {
  return {
    receivers: [`otlp/${name}`],
    processors: ["memory_limiter/heap", ...tenancy[name], "resource/stack", ...cleaning[signal]],
    exporters: [...ends, ...counter[signal]],
  };
}

const counted = (exporters: string[]) => ({
  receivers: ["count/cleaned"],
  processors: [
    "transform/counted",
    "transform/owner",
    "resource/counted",
    "deltatocumulative/cleaned",
    "interval/cleaned",
    "filter/counted",
  ],
  exporters,
});

const delivery = {
  compression: "none",
  timeout: "30s",
  retry_on_failure: { initial_interval: "1s", max_interval: "30s", max_elapsed_time: "0s" },
};

describe("the gateway of prod", () => {
  const document = gateway("prod");

  it("leads each signal from both listeners to its backends, and spans to their sampler", () => {
    const prometheus = ["otlp_http/prometheus-0", "routing/fan-out-metrics"];
    expect(document.service?.pipelines).toEqual({
      "logs/agents": entrance("logs", "agents", ["otlp_http/loki"]),
      "logs/public": entrance("logs", "public", ["otlp_http/loki"]),
      "metrics/agents": entrance("metrics", "agents", prometheus),
      "metrics/public": entrance("metrics", "public", prometheus),
      // The second Prometheus may be away without anybody else noticing.
      "metrics/target-prometheus-1": {
        receivers: ["routing/fan-out-metrics"],
        processors: ["batch/early"],
        exporters: ["otlp_http/target-prometheus-1"],
      },
      "traces/agents": entrance("traces", "agents", ["routing/samplers"]),
      "traces/public": entrance("traces", "public", ["routing/samplers"]),
      "metrics/cleaned": counted(prometheus),
      ...Object.fromEntries(
        [0, 1, 2].map((ordinal) => [
          `traces/sampler-${ordinal}`,
          {
            receivers: ["routing/samplers"],
            processors: [],
            exporters: [`otlp_grpc/sampler-${ordinal}`],
          },
        ]),
      ),
    });
    expect(document.service?.extensions).toEqual([
      "health_check/probes",
      "file_storage/queue",
      "bearertokenauth/public",
    ]);
  });

  it("queues on disk, in batches that wait no longer than their signal may", () => {
    const exporter = (endpoint: string, queueSize: number, flushTimeout: string) => ({
      endpoint,
      ...delivery,
      sending_queue: {
        sizer: "items",
        queue_size: queueSize,
        block_on_overflow: false,
        storage: "file_storage/queue",
        batch: { flush_timeout: flushTimeout, min_size: 1_000, max_size: 1_000 },
      },
    });
    const domain = "sightline.svc.cluster.local";
    const prometheus = (ordinal: number) =>
      `http://prometheus-${ordinal}.prometheus-peers.${domain}:9090/api/v1/otlp`;
    const sampler = (ordinal: number) => ({
      ...exporter(
        `passthrough:///sampler-${ordinal}.sampler-peers.${domain}:4317`,
        1_333_334,
        "200ms",
      ),
      balancer_name: "pick_first",
      tls: { insecure: true },
    });
    expect(document.exporters).toEqual({
      "otlp_http/loki": exporter(`http://loki.${domain}:3100/otlp`, 4_000_000, "1000ms"),
      "otlp_http/prometheus-0": exporter(prometheus(0), 4_000_000, "5000ms"),
      "otlp_http/target-prometheus-1": exporter(prometheus(1), 4_000_000, "5000ms"),
      "otlp_grpc/sampler-0": sampler(0),
      "otlp_grpc/sampler-1": sampler(1),
      "otlp_grpc/sampler-2": sampler(2),
    });
  });

  it("asks senders from outside for TLS and a token", () => {
    const guard = {
      tls: {
        cert_file: "/etc/sightline/ingest-tls/tls.crt",
        key_file: "/etc/sightline/ingest-tls/tls.key",
        min_version: "1.2",
        reload_interval: "1m",
      },
      auth: { authenticator: "bearertokenauth/public" },
      include_metadata: true,
    };
    expect(document.receivers?.["otlp/public"]).toMatchObject({
      protocols: {
        grpc: { endpoint: "0.0.0.0:4327", ...guard },
        http: { endpoint: "0.0.0.0:4328", ...guard },
      },
    });
    expect(document.extensions?.["bearertokenauth/public"]).toEqual({
      filename: "/etc/sightline/ingest-tokens/tokens",
    });
  });

  it("refuses at the profile's memory", () => {
    expect(document.processors?.["memory_limiter/heap"]).toEqual({
      check_interval: "500ms",
      limit_mib: 2_048,
      spike_limit_mib: 512,
    });
  });

  it("says which stack a record came through", () => {
    expect(document.processors?.["resource/stack"]).toEqual({
      attributes: [
        { key: "deployment.environment.name", value: "prod", action: "upsert" },
        { key: "k8s.cluster.name", value: "prod", action: "upsert" },
      ],
    });
  });
});

describe("the gateway of dev", () => {
  const document = gateway("dev");

  it("prints what passes, and sends all spans to the only sampler", () => {
    const ends = (...exporters: string[]) => [...exporters, "debug/console"];
    expect(document.service?.pipelines).toEqual({
      "logs/agents": entrance("logs", "agents", ends("otlp_http/loki")),
      "logs/public": entrance("logs", "public", ends("otlp_http/loki")),
      "metrics/agents": entrance("metrics", "agents", ends("otlp_http/prometheus-0")),
      "metrics/public": entrance("metrics", "public", ends("otlp_http/prometheus-0")),
      "traces/agents": entrance("traces", "agents", ends("otlp_grpc/sampler-0")),
      "traces/public": entrance("traces", "public", ends("otlp_grpc/sampler-0")),
      "metrics/cleaned": counted(ends("otlp_http/prometheus-0")),
    });
    expect(Object.keys(document.connectors ?? {})).toEqual(["count/cleaned"]);
  });

  it("keeps its queues in memory, in batches of the profile", () => {
    expect(document.extensions).not.toHaveProperty("file_storage/queue");
    expect(document.exporters?.["otlp_http/loki"]).toMatchObject({
      sending_queue: {
        queue_size: 50_000,
        batch: { flush_timeout: "1000ms", min_size: 100, max_size: 100 },
      },
    });
    expect(document.exporters?.["otlp_grpc/sampler-0"]).toMatchObject({
      sending_queue: { batch: { flush_timeout: "200ms" } },
    });
  });
});

describe("a gateway that browsers send to", () => {
  const browser = { origins: ["https://app.example.com", "https://*.example.org"] };
  const document = gateway("prod", { collector: { gateway: { browser } } });

  it("lets in only their origins, in small requests over HTTP with TLS, and asks for no token", () => {
    const { protocols } = document.receivers?.["otlp/browser"] as {
      protocols: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(protocols)).toEqual(["http"]);
    expect(protocols.http).toMatchObject({
      endpoint: "0.0.0.0:4338",
      max_request_body_size: 524_288,
      cors: { allowed_origins: browser.origins, max_age: 7_200 },
      tls: { cert_file: "/etc/sightline/ingest-tls/tls.crt" },
    });
    expect(protocols.http).not.toHaveProperty("auth");
  });

  it("says whose what they send is, and that it is a browser's", () => {
    expect(document.service?.pipelines).toMatchObject({
      "logs/browser": {
        receivers: ["otlp/browser"],
        processors: [
          "memory_limiter/heap",
          "transform/browser",
          "resource/stack",
          ...cleaning.logs,
        ],
      },
    });
  });
});

describe("a gateway without a public listener", () => {
  it("has neither its port nor its tokens", () => {
    const document = gateway("prod", { collector: { gateway: { public: { enabled: false } } } });
    expect(Object.keys(document.receivers ?? {})).toEqual(["otlp/agents"]);
    expect(document.extensions).not.toHaveProperty("bearertokenauth/public");
  });
});
