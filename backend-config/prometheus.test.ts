import { describe, expect, test } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { metricNames } from "../config/metric-names.ts";
import { readBack, testSettings } from "./fixture.ts";
import { prometheusConfig } from "./prometheus.ts";
import type { RelabelRule } from "./relabel.ts";

interface ScrapeJob {
  readonly job_name: string;
  readonly relabel_configs: readonly RelabelRule[];
  readonly metric_relabel_configs?: readonly RelabelRule[];
  readonly tls_config?: object;
}

function prometheus(changes?: unknown) {
  const settings = testSettings(changes);
  return readBack(prometheusConfig(settings, endpoints(settings)));
}

function job(name: string, changes?: unknown): ScrapeJob {
  const jobs = prometheus(changes)("scrape_configs") as ScrapeJob[];
  const found = jobs.find(({ job_name: jobName }) => jobName === name);
  if (found === undefined) throw new Error(`no job ${name}`);
  return found;
}

/** What Prometheus makes of labels, or nothing where it drops them: expressions match whole values, joined by `;`. */
function relabel(
  rules: readonly RelabelRule[],
  given: Record<string, string>,
): Record<string, string> | undefined {
  let labels = given;
  for (const rule of rules) {
    const value = (rule.source_labels ?? []).map((name) => labels[name] ?? "").join(";");
    const regex = new RegExp(`^(?:${rule.regex ?? "(.*)"})$`);
    const matches = regex.test(value);
    if (rule.action === "keep" ? !matches : rule.action === "drop" && matches) return undefined;
    if (rule.target_label === undefined || !matches) continue;
    labels = { ...labels, [rule.target_label]: value.replace(regex, rule.replacement ?? "$1") };
  }
  return labels;
}

const keeps = (name: string, series: Record<string, string>) =>
  relabel(job(name).metric_relabel_configs ?? [], series) !== undefined;

test.each([
  [50, 80, "40960MB"],
  [5, 90, "4608MB"],
  [1, 33, "337MB"],
])("of %i GiB, %i %% are filled: %s", (volumeGiB, retentionPercent, size) => {
  const read = prometheus({ prometheus: { volumeGiB, retentionPercent, retentionDays: 15 } });
  expect(read("storage", "tsdb", "retention")).toEqual({ time: "15d", size });
});

test("late samples and exemplars are taken as the settings say", () => {
  const read = prometheus({ replayMinutes: 90, prometheus: { maxExemplars: 5_000 } });
  expect(read("storage", "tsdb", "out_of_order_time_window")).toBe("90m");
  expect(read("storage", "exemplars")).toEqual({ max_exemplars: 5_000 });
});

test.each([
  [5, "5s", "5s"],
  [30, "30s", "10s"],
])("every %i s a scrape, which never outlasts its interval", (seconds, interval, timeout) => {
  const read = prometheus({ prometheus: { scrapeIntervalSeconds: seconds } });
  expect(read("global")).toMatchObject({ scrape_interval: interval, scrape_timeout: timeout });
});

test("alerts reach every Alertmanager, and both replicas' alerts are the same", () => {
  const read = prometheus({ alertmanager: { replicas: 2 } });
  const host = (ordinal: number) =>
    `alertmanager-${ordinal}.alertmanager-peers.sightline.svc.cluster.local:9093`;
  expect(read("alerting")).toEqual({
    alert_relabel_configs: [{ action: "labeldrop", regex: "replica" }],
    alertmanagers: [{ static_configs: [{ targets: [host(0), host(1)] }] }],
  });
  expect(read("global", "external_labels")).toEqual({
    cluster: "east",
    environment: "test",
    replica: "${POD_NAME}",
  });
});

test("pushed metrics carry what they are asked for by, but no second name of their instance", () => {
  const promoted = prometheus()("otlp", "promote_resource_attributes");
  expect(promoted).toEqual(
    expect.arrayContaining(["service.name", "deployment.environment.name", "k8s.namespace.name"]),
  );
  expect(promoted).not.toContain("service.instance.id");
});

describe("the platform's own pods", () => {
  const pod = {
    __meta_kubernetes_pod_container_port_name: "http-metrics",
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_label_app_kubernetes_io_name: "loki",
    __meta_kubernetes_namespace: "sightline",
    __meta_kubernetes_pod_name: "loki-0",
  };

  test("are named after their workload", () => {
    expect(relabel(job("sightline").relabel_configs, pod)).toMatchObject({
      job: "loki",
      instance: "loki-0",
      pod: "loki-0",
      namespace: "sightline",
    });
  });

  test.each([
    { __meta_kubernetes_pod_container_port_name: "otlp-grpc" },
    { __meta_kubernetes_pod_container_port_name: "http" },
    { __meta_kubernetes_pod_phase: "Failed" },
  ])("are not scraped with %j", (change) => {
    expect(relabel(job("sightline").relabel_configs, { ...pod, ...change })).toBeUndefined();
  });
});

describe("annotated pods", () => {
  const pod = {
    __address__: "10.0.0.7:8443",
    __scheme__: "http",
    __metrics_path__: "/metrics",
    __meta_kubernetes_pod_annotation_prometheus_io_scrape: "true",
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_ip: "10.0.0.7",
    __meta_kubernetes_namespace: "shop",
    __meta_kubernetes_pod_name: "cart-1",
  };
  const scrape = (change: object) =>
    relabel(job("annotated-pods").relabel_configs, { ...pod, ...change });

  test("are scraped where they say", () => {
    const annotated = scrape({
      __meta_kubernetes_pod_annotation_prometheus_io_port: "9100",
      __meta_kubernetes_pod_annotation_prometheus_io_path: "/stats",
      __meta_kubernetes_pod_annotation_prometheus_io_scheme: "https",
    });
    expect(annotated).toMatchObject({
      __address__: "10.0.0.7:9100",
      __metrics_path__: "/stats",
      __scheme__: "https",
      namespace: "shop",
      instance: "cart-1",
    });
  });

  test.each([
    ["no port", {}, "10.0.0.7:8443"],
    [
      "an IPv6 address",
      {
        __meta_kubernetes_pod_ip: "fd00::7",
        __meta_kubernetes_pod_annotation_prometheus_io_port: "9100",
      },
      "[fd00::7]:9100",
    ],
    [
      "a port that is none",
      { __meta_kubernetes_pod_annotation_prometheus_io_port: "http" },
      "10.0.0.7:8443",
    ],
  ])("with %s", (_, change, address) => {
    expect(scrape(change)).toMatchObject({ __address__: address, __scheme__: "http" });
  });

  test.each([
    { __meta_kubernetes_pod_annotation_prometheus_io_scrape: "false" },
    { __meta_kubernetes_namespace: "sightline" },
    { __meta_kubernetes_pod_phase: "Succeeded" },
    { __meta_kubernetes_pod_container_init: "true" },
  ])("are not scraped with %j", (change) => {
    expect(scrape(change)).toBeUndefined();
  });

  test("cannot fill Prometheus", () => {
    expect(job("annotated-pods")).toMatchObject({ sample_limit: 50_000, body_size_limit: "64MB" });
  });
});

describe("kubelets", () => {
  const node = {
    __address__: "node-a:10250",
    __meta_kubernetes_node_address_InternalIP: "10.1.0.5",
    __meta_kubernetes_node_name: "node-a",
  };

  test.each(["kubelet", "cadvisor"])("%s is asked at its node's own address", (name) => {
    const changes = { cluster: { kubeletPort: 20_250 } };
    expect(relabel(job(name, changes).relabel_configs, node)).toMatchObject({
      __address__: "10.1.0.5:20250",
      node: "node-a",
      instance: "node-a",
    });
  });

  test.each([
    ["clusterAuthority", { ca_file: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" }],
    ["unverified", { insecure_skip_verify: true }],
  ])("certificates: %s", (kubeletCertificates, expected) => {
    const changes = { cluster: { kubeletCertificates } };
    expect(job("kubelet", changes).tls_config).toEqual(expected);
    expect(job("cadvisor", changes).tls_config).toEqual(expected);
  });

  test.each(Object.values(metricNames.kubelet))("%s is kept", (name) => {
    expect(keeps("kubelet", { __name__: name })).toBe(true);
  });

  test("buckets of inner loops are dropped, their counts are kept", () => {
    const name = "kubelet_runtime_operations_duration_seconds";
    expect(keeps("kubelet", { __name__: `${name}_bucket` })).toBe(false);
    expect(keeps("kubelet", { __name__: `${name}_count` })).toBe(true);
  });

  const inPod = { namespace: "shop", pod: "cart-1", id: "/kubepods/x" };
  test.each([
    ["container_cpu_usage_seconds_total", inPod, true],
    ["container_memory_working_set_bytes", inPod, true],
    ["container_cpu_cfs_throttled_periods_total", inPod, true],
    ["container_network_receive_bytes_total", inPod, true],
    ["container_fs_usage_bytes", inPod, true],
    ["container_oom_events_total", inPod, true],
    ["container_memory_failures_total", inPod, false],
    ["container_network_tcp_usage_total", inPod, false],
    ["container_tasks_state", inPod, false],
    // The node's own sum, the sum of a group of pods, and what is no container's.
    ["container_cpu_usage_seconds_total", { id: "/" }, true],
    ["container_cpu_usage_seconds_total", { id: "/kubepods/burstable" }, false],
    ["machine_memory_bytes", {}, true],
  ])("%s of %j: %s", (name, labels, kept) => {
    expect(keeps("cadvisor", { __name__: name, ...labels })).toBe(kept);
  });
});
