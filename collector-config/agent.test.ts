import { describe, expect, it } from "vitest";
import { endpoints } from "../config/endpoints.ts";
import { stackSettings } from "../test/harness.ts";
import { agentConfig } from "./agent.ts";
import { clusterConfig } from "./cluster.ts";
import { collectorDocument, renderCollectorConfig } from "./render.ts";

interface Document {
  readonly [section: string]: Record<string, unknown> | undefined;
}

const settings = stackSettings("prod");

function documentOf(make: typeof agentConfig, changes: unknown = {}): Document {
  const changed = stackSettings("prod", changes);
  const config = make(changed, endpoints(changed));
  renderCollectorConfig(config);
  return collectorDocument(config) as Document;
}

describe("the agent", () => {
  const document = documentOf(agentConfig);

  it("names the pod, and hands each signal to the gateways by a queue of its own", () => {
    const to = (signal: string) => [`otlp_grpc/gateways-${signal}`];
    const applications = (signal: string) => ({
      receivers: ["otlp/applications"],
      processors: ["memory_limiter/heap", "transform/claims", "k8s_attributes/pods"],
      exporters: to(signal),
    });
    expect(document.service?.["pipelines"]).toEqual({
      "logs/applications": applications("logs"),
      "metrics/applications": applications("metrics"),
      "traces/applications": applications("traces"),
      "logs/fluent": {
        receivers: ["fluent_forward/node"],
        processors: ["memory_limiter/heap", "transform/claims", "resource/fluent"],
        exporters: to("logs"),
      },
      "logs/pods": {
        receivers: ["file_log/pods"],
        processors: [
          "memory_limiter/heap",
          "k8s_attributes/pods",
          "filter/lines",
          "transform/lines",
        ],
        exporters: to("logs"),
      },
      "logs/collectors": {
        receivers: ["file_log/collectors"],
        processors: ["memory_limiter/heap", "k8s_attributes/pods", "filter/lines"],
        exporters: to("logs"),
      },
      "metrics/node": {
        receivers: ["host_metrics/node", "kubelet_stats/node"],
        processors: ["memory_limiter/heap", "k8s_attributes/pods", "resource/node"],
        exporters: to("metrics"),
      },
    });
  });

  it("dials every gateway, and waits for a batch no longer than the signal may", () => {
    const waits = { logs: "1000ms", metrics: "5000ms", traces: "200ms" };
    for (const [signal, wait] of Object.entries(waits)) {
      expect(document.exporters?.[`otlp_grpc/gateways-${signal}`]).toMatchObject({
        endpoint: "dns:///gateway-peers.sightline.svc.cluster.local:4317",
        balancer_name: "round_robin",
        retry_on_failure: { max_elapsed_time: "0s" },
        sending_queue: { storage: "file_storage/queue", batch: { flush_timeout: wait } },
      });
    }
  });

  it("takes away what an application says of its tenant before it says so itself", () => {
    expect(document.processors?.["transform/claims"]).toMatchObject({
      trace_statements: [
        {
          context: "resource",
          statements: [
            'delete_key(resource.attributes, "sightline.tenant")',
            'delete_key(resource.attributes, "sightline.logs")',
          ],
        },
      ],
    });
  });

  it("knows a pod by its connection before anything that is said", () => {
    const { pod_association: sources } = document.processors?.["k8s_attributes/pods"] as {
      pod_association: unknown[];
    };
    expect(sources[0]).toEqual({ sources: [{ from: "connection" }] });
  });

  it("reads its stack's collectors apart from everybody else, rotated files too", () => {
    const own = ["sightline", "sightline-agents"].flatMap((namespace) => [
      `/var/log/pods/${namespace}_*/collector/*.log`,
      `/var/log/pods/${namespace}_*/collector/*.log.????????-??????`,
    ]);
    expect(document.receivers?.["file_log/collectors"]).toMatchObject({ include: own });
    expect(document.receivers?.["file_log/pods"]).toMatchObject({
      include: ["/var/log/pods/*/*/*.log", "/var/log/pods/*/*/*.log.????????-??????"],
      exclude: own,
      start_at: "beginning",
      storage: "file_storage/queue",
      retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
    });
  });

  it.each([
    [60, "59m"],
    [1, "1m"],
  ])(
    "where %i minutes late is taken, leaves lines older than %s where they are",
    (minutes, age) => {
      const { processors } = documentOf(agentConfig, { replayMinutes: minutes });
      expect(processors?.["filter/lines"]).toMatchObject({
        logs: { log_record: [`time_unix_nano > 0 and Now() - time > Duration("${age}")`] },
      });
    },
  );

  it.each([
    ["clusterAuthority", false],
    ["unverified", true],
  ])("asks its own kubelet, whose certificate is checked by %s", (kubeletCertificates, skip) => {
    const { receivers } = documentOf(agentConfig, { cluster: { kubeletCertificates } });
    expect(receivers?.["kubelet_stats/node"]).toMatchObject({
      endpoint: "https://${env:NODE_IP}:10250",
      insecure_skip_verify: skip,
    });
  });
});

describe("the cluster's collector", () => {
  const document = documentOf(clusterConfig);

  it("works only while it is elected", () => {
    const elected = { k8s_leader_elector: "k8s_leader_elector/replicas" };
    expect(document.receivers).toMatchObject({
      "k8s_cluster/state": elected,
      "k8s_events/all": elected,
    });
    expect(document.extensions?.["k8s_leader_elector/replicas"]).toMatchObject({
      lease_name: "cluster-collector",
      lease_namespace: settings.namespace,
    });
  });

  it("tells state as metrics and events as logs under a name of their own", () => {
    expect(document.service?.["pipelines"]).toEqual({
      "metrics/state": {
        receivers: ["k8s_cluster/state"],
        processors: ["memory_limiter/heap"],
        exporters: ["otlp_grpc/gateways-metrics"],
      },
      "logs/events": {
        receivers: ["k8s_events/all"],
        processors: ["memory_limiter/heap", "resource/events"],
        exporters: ["otlp_grpc/gateways-logs"],
      },
    });
    expect(document.processors?.["resource/events"]).toEqual({
      attributes: [{ key: "service.name", value: "kubernetes-events", action: "upsert" }],
    });
  });
});
