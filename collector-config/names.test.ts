import { describe, expect, it } from "vitest";
import { typeName, type ComponentName } from "./names.ts";

describe("typeName", () => {
  const cases: [ComponentName, string, string][] = [
    ["otlp_http", "0.143.0", "otlphttp"],
    ["otlp_http", "0.144.0", "otlp_http"],
    ["otlp_grpc", "0.143.0", "otlp"],
    ["k8s_attributes", "0.145.2", "k8sattributes"],
    ["k8s_attributes", "0.146.0", "k8s_attributes"],
    ["file_log", "0.148.0", "filelog"],
    ["span_metrics", "0.150.1", "spanmetrics"],
    ["span_metrics", "0.151.0", "span_metrics"],
    ["service_graph", "0.152.0", "service_graph"],
    ["kubelet_stats", "0.152.0", "kubelet_stats"],
    ["load_balancing", "0.152.0", "loadbalancing"],
    ["load_balancing", "0.153.0", "load_balancing"],
    ["resource_detection", "0.152.0", "resourcedetection"],
    ["prometheus_remote_write", "0.152.0", "prometheusremotewrite"],
    ["cumulative_to_delta", "0.156.0", "cumulativetodelta"],
    ["delta_to_cumulative", "1.0.0", "delta_to_cumulative"],
    // Numbers, not text: 99 comes before 144.
    ["otlp_http", "0.99.0", "otlphttp"],
    ["memory_limiter", "0.90.0", "memory_limiter"],
    ["health_check", "0.164.0", "health_check"],
  ];
  it.each(cases)("%s in %s is %s", (name, version, expected) => {
    expect(typeName(name, version)).toBe(expected);
  });
});
