import { describe, expect, test } from "vitest";
import { readBack, single, testSettings } from "./fixture.ts";
import { lokiConfig, lokiIndexLabels } from "./loki.ts";

const loki = (changes?: unknown) => readBack(lokiConfig(testSettings(changes)));

test("limits are those of the settings", () => {
  const read = loki({
    loki: { ingestionRateMiB: 20, ingestionBurstMiB: 40, streamRateMiB: 5, streamBurstMiB: 30 },
  });
  expect(read("limits_config")).toMatchObject({
    ingestion_rate_strategy: "global",
    ingestion_rate_mb: 20,
    ingestion_burst_size_mb: 40,
    per_stream_rate_limit: "5MB",
    per_stream_rate_limit_burst: "30MB",
  });
});

test.each([
  [1, "24h", "24h"],
  [7, "168h", "168h"],
  [31, "744h", "168h"],
])("%i days are kept, and no log is taken that is to be deleted at once", (days, kept, oldest) => {
  const read = loki({ loki: { retentionDays: days } });
  expect(read("limits_config")).toMatchObject({
    retention_period: kept,
    max_query_lookback: kept,
    reject_old_samples_max_age: oldest,
  });
  expect(read("compactor", "retention_enabled")).toBe(true);
});

test.each([
  [60, "120m", "180m"],
  [90, "180m", "240m"],
])(
  "a log may come %i minutes behind its stream; until then no answer is cached, and ingesters are asked",
  (replayMinutes, chunkAge, asked) => {
    const read = loki({ replayMinutes });
    expect(read("ingester", "max_chunk_age")).toBe(chunkAge);
    expect(read("querier", "query_ingesters_within")).toBe(asked);
    expect(read("limits_config", "max_cache_freshness_per_query")).toBe(`${replayMinutes}m`);
  },
);

test("nothing that changes with a restart is a label", () => {
  const restarts = ["k8s.pod.name", "service.instance.id", "k8s.replicaset.name", "k8s.job.name"];
  expect(lokiIndexLabels.filter((label) => restarts.includes(label))).toEqual([]);
  const path = ["distributor", "otlp_config", "default_resource_attributes_as_index_labels"];
  expect(loki()(...path)).toEqual(lokiIndexLabels);
});

test("replaying its log takes half of the memory at most", () => {
  const read = loki({ loki: { resources: { memoryMiB: 1_024 } } });
  expect(read("ingester", "wal")).toEqual({
    enabled: true,
    flush_on_shutdown: true,
    replay_memory_ceiling: "512MB",
  });
});

describe("one replica", () => {
  const read = loki(single);

  test("meets nobody", () => {
    expect(read("common")).toEqual({
      path_prefix: "/var/lib/sightline/loki",
      instance_addr: "127.0.0.1",
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
    });
    expect(read("memberlist")).toBeUndefined();
    expect(read("frontend_worker", "scheduler_address")).toBe("127.0.0.1:9095");
    expect(read("ingester", "lifecycler", "min_ready_duration")).toBe("0s");
  });

  test("keeps everything on its volume", () => {
    expect(read("storage_config", "object_store")).toEqual({
      filesystem: { dir: "/var/lib/sightline/loki/objects" },
    });
    expect(read("compactor", "delete_request_store")).toBe("filesystem");
  });
});

describe("several replicas", () => {
  test.each([
    [2, 1],
    [3, 3],
    [5, 3],
  ])("of %i, %i hold each log", (replicas, factor) => {
    const read = loki({ loki: { replicas } });
    expect(read("common", "replication_factor")).toBe(factor);
  });

  test("meet under their peers' name, apart from any other ring", () => {
    const read = loki({ namespace: "logs", cluster: { domain: "example.org" } });
    expect(read("memberlist")).toEqual({
      advertise_addr: "${POD_IP}",
      advertise_port: 7946,
      bind_port: 7946,
      cluster_label: "loki.logs",
      join_members: ["dns+loki-peers.logs.svc.example.org:7946"],
      rejoin_interval: "1m",
    });
    expect(read("common", "ring")).toEqual({ kvstore: { store: "memberlist" } });
    expect(read("frontend_worker")).toBeUndefined();
  });

  test.each([
    [{}, { endpoint: "s3.eu-central-1.amazonaws.com", insecure: false, region: "eu-central-1" }],
    [
      { region: "cn-north-1" },
      { endpoint: "s3.cn-north-1.amazonaws.com.cn", insecure: false, region: "cn-north-1" },
    ],
    [
      { endpoint: "http://store.example:7070", region: "here" },
      { endpoint: "store.example:7070", insecure: true, region: "here" },
    ],
    [
      { endpoint: "https://store.example" },
      { endpoint: "store.example", insecure: false, region: "eu-central-1" },
    ],
  ])("with storage %j share one bucket", (storage, expected) => {
    const read = loki({ storage });
    const bucket = { bucket_name: "the-logs", ...expected };
    expect(read("storage_config", "object_store")).toEqual({ s3: bucket });
  });
});

test("a bucket that is missing is said, should the rules have been skipped", () => {
  const settings = testSettings();
  const storage = { ...testSettings(single).storage, kind: "s3" } as const;
  expect(() => lokiConfig({ ...settings, storage })).toThrow(
    "platform.storage.lokiBucket is missing. Fix: name the bucket, or set kind: volume",
  );
});

test("credentials stand nowhere", () => {
  expect(lokiConfig(testSettings())).not.toMatch(/access_key|secret/);
});
