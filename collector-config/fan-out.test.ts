import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { gatewayConfig } from "./gateway.ts";
import { collectorDocument, renderCollectorConfig } from "./render.ts";

interface Document {
  readonly [section: string]: Record<string, unknown> | undefined;
}

const root = join(import.meta.dirname, "..");
const everyKind: unknown = load(readFileSync(join(root, "test/fan-out-overlay.yaml"), "utf8"));

function gateway(overlay: unknown): Document {
  const written = readStackConfig(join(root, "Pulumi.prod.yaml"));
  const settings = parseConfig("Pulumi.prod.yaml", mergeOverlay(written, overlay));
  const config = gatewayConfig(settings, endpoints(settings));
  renderCollectorConfig(config);
  return collectorDocument(config) as Document;
}

function pipelinesOf(document: Document): Record<string, unknown> {
  return document.service?.["pipelines"] as Record<string, unknown>;
}

describe("a gateway with every kind of target", () => {
  const document = gateway(everyKind);
  const exporter = (id: string) => document.exporters?.[id];

  it("has a hop before each target that refuses nothing", () => {
    const optional = Object.entries(pipelinesOf(document)).filter(([id]) =>
      id.includes("/target-"),
    );
    expect(optional.map(([id]) => id).sort()).toEqual([
      "logs/target-archive",
      "logs/target-dash0",
      "logs/target-events",
      "logs/target-local",
      "logs/target-plain",
      "logs/target-search",
      "metrics/target-archive",
      "metrics/target-dash0",
      "metrics/target-mimir",
      "metrics/target-prometheus-1",
      "traces/target-archive",
      "traces/target-dash0",
      "traces/target-jaeger",
      "traces/target-plain",
      "traces/target-search",
    ]);
    for (const [id, pipeline] of optional) {
      const { receivers, processors } = pipeline as Record<string, string[]>;
      expect(receivers, id).toEqual([`routing/fan-out-${id.split("/")[0] ?? ""}`]);
      expect(processors?.at(-1), id).toBe("batch/early");
    }
    expect(document.processors?.["batch/early"]).toEqual({ timeout: "0s", send_batch_size: 0 });
  });

  it("gives each target a queue of its own, on disk and bounded in bytes", () => {
    const targets = Object.entries(document.exporters ?? {}).filter(([id]) =>
      /\/target-(?!prometheus-)/.test(id),
    );
    expect(targets).toHaveLength(8);
    for (const [id, config] of targets) {
      expect(config, id).toMatchObject({
        sending_queue: {
          sizer: "bytes",
          queue_size: 512 * 2 ** 20,
          storage: "file_storage/queue",
          block_on_overflow: false,
        },
      });
    }
  });

  it("takes secrets from the environment", () => {
    expect(exporter("otlp_grpc/target-dash0")).toMatchObject({
      endpoint: "ingress.example.com:4317",
      headers: { "Dash0-Dataset": "default", Authorization: "${env:FAN_OUT_DASH0_TOKEN}" },
    });
    expect(exporter("elasticsearch/target-search")).toMatchObject({
      api_key: "${env:FAN_OUT_SEARCH_KEY}",
    });
    expect(exporter("kafka/target-events")).toMatchObject({
      auth: { sasl: { username: "sightline", password: "${env:FAN_OUT_KAFKA_PASSWORD}" } },
    });
  });

  it("puts a queue before the exporters that have none", () => {
    const pipelines = pipelinesOf(document);
    expect(pipelines["metrics/to-mimir"]).toEqual({
      receivers: ["otlp/to-mimir"],
      processors: ["memory_limiter/loopback"],
      exporters: ["prometheusremotewrite/to-mimir"],
    });
    const { endpoint } = exporter("otlp_grpc/target-mimir") as { endpoint: string };
    expect(document.receivers?.["otlp/to-mimir"]).toMatchObject({
      protocols: { grpc: { endpoint } },
    });
    expect(exporter("prometheusremotewrite/to-mimir")).toMatchObject({
      remote_write_queue: { enabled: false },
      timeout: "60m",
    });
    expect(exporter("file/to-local-logs")).toEqual({
      path: "/var/lib/sightline/files/local/logs.otlp",
      format: "json",
      compression: "zstd",
      rotation: { max_megabytes: 50, max_backups: 5, max_days: 0 },
    });
  });

  it("filters what it was asked to, of each signal in its own words", () => {
    expect(document.processors?.["filter/target-dash0-logs"]).toEqual({
      error_mode: "silent",
      log_conditions: [{ context: "log", conditions: ["log.severity_number < 9"] }],
    });
    expect(document.processors).not.toHaveProperty("filter/target-dash0-traces");
    expect(document.processors?.["filter/target-jaeger-traces"]).toEqual({
      error_mode: "silent",
      trace_conditions: [
        {
          context: "resource",
          conditions: [
            'not (resource.attributes["service.name"] == "checkout" or resource.attributes["service.name"] == "say \\"hi\\"")',
            'not (resource.attributes["sightline.tenant"] == "shop")',
          ],
        },
      ],
    });
    expect(document.processors?.["filter/target-mimir-metrics"]).toEqual({
      error_mode: "silent",
      metric_conditions: [
        {
          context: "datapoint",
          conditions: [
            'not (datapoint.attributes["host.name"] == "node-1" or resource.attributes["host.name"] == "node-1")',
          ],
        },
      ],
    });
  });
});

it("dials a plain target plainly, and one of a private authority by that authority", () => {
  const authority = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const { exporters } = gateway({
    collector: {
      fanOut: {
        otlp: {
          plain: { endpoint: "http://collector:4317" },
          private: { endpoint: "https://in.example.com/", protocol: "http", tls: { authority } },
        },
      },
    },
  });
  expect(exporters?.["otlp_grpc/target-plain"]).toMatchObject({
    endpoint: "collector:4317",
    tls: { insecure: true },
  });
  expect(exporters?.["otlp_http/target-private"]).toMatchObject({
    endpoint: "https://in.example.com",
    tls: { ca_pem: authority },
  });
});

it("refuses queues that their volume cannot hold, a file for each signal", () => {
  const target = { endpoint: "http://a", queue: { maxMiB: 8_192 } };
  expect(() => gateway({ collector: { fanOut: { otlp: { a: target } } } })).toThrow(
    /queue\.volumeGiB is 50, too small .* and those of the fan-out \(a 3 × 8192 MiB\)/,
  );
});
