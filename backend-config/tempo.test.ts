import { describe, expect, test } from "vitest";
import { readBack, single, testSettings } from "./fixture.ts";
import { tempoConfig } from "./tempo.ts";

const tempo = (changes?: unknown) => readBack(tempoConfig(testSettings(changes)));

test("limits are those of the settings, in bytes and in the form that Tempo 3 still reads", () => {
  const read = tempo({
    tempo: { ingestionRateMiB: 2, ingestionBurstMiB: 4, maxTraceMiB: 3, retentionDays: 2 },
  });
  expect(read("overrides")).toEqual({
    defaults: {
      ingestion: {
        rate_strategy: "global",
        rate_limit_bytes: 2_097_152,
        burst_size_bytes: 4_194_304,
        max_traces_per_user: 0,
      },
      global: { max_bytes_per_trace: 3_145_728 },
      compaction: { block_retention: "48h" },
    },
  });
});

test("what is kept can be searched", () => {
  const read = tempo({ tempo: { retentionDays: 30 } });
  expect(read("compactor", "compaction", "block_retention")).toBe("720h");
  expect(read("query_frontend", "search", "max_duration")).toBe("720h");
});

test("it listens for OTLP over HTTP only, on all addresses", () => {
  expect(tempo()("distributor", "receivers")).toEqual({
    otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } },
  });
});

test("a refused sender is told to come again", () => {
  expect(tempo()("distributor", "retry_after_on_resource_exhausted")).toBe("5s");
});

describe("one replica", () => {
  const read = tempo(single);

  test("meets nobody and counts its own rate", () => {
    expect(read("target")).toBe("all");
    expect(read("memberlist")).toBeUndefined();
    expect(read("querier")).toBeUndefined();
    expect(read("distributor", "ring")).toBeUndefined();
    expect(read("ingester", "lifecycler")).toEqual({ min_ready_duration: "0s" });
    expect(read("overrides", "defaults", "ingestion", "rate_strategy")).toBe("local");
  });

  test("keeps everything on its volume", () => {
    expect(read("storage", "trace")).toEqual({
      backend: "local",
      local: { path: "/var/lib/sightline/tempo/blocks" },
      wal: { path: "/var/lib/sightline/tempo/wal" },
    });
  });
});

describe("several replicas", () => {
  test.each([
    [2, 1],
    [3, 3],
    [4, 3],
  ])("of %i, %i hold each span", (replicas, factor) => {
    const read = tempo({ tempo: { replicas } });
    expect(read("target")).toBe("scalable-single-binary");
    expect(read("ingester", "lifecycler", "ring", "replication_factor")).toBe(factor);
  });

  test("are all asked by each query", () => {
    const read = tempo({ namespace: "traces" });
    expect(read("querier", "frontend_worker")).toEqual({
      frontend_address: "tempo-peers.traces.svc.cluster.local:9095",
    });
    expect(read("memberlist", "join_members")).toEqual([
      "dns+tempo-peers.traces.svc.cluster.local:7946",
    ]);
    expect(read("memberlist", "cluster_label")).toBe("tempo.traces");
  });

  test("say their own address in every ring", () => {
    const read = tempo();
    const ring = { instance_addr: "${POD_IP}", kvstore: { store: "memberlist" } };
    expect(read("distributor", "ring")).toEqual(ring);
    expect(read("compactor", "ring")).toEqual({ ...ring, wait_stability_min_duration: "10s" });
    expect(read("ingester", "lifecycler", "address")).toBe("${POD_IP}");
  });

  test("share one bucket", () => {
    const read = tempo({ storage: { endpoint: "http://store.example:7070" } });
    expect(read("storage", "trace", "s3")).toEqual({
      bucket: "the-traces",
      endpoint: "store.example:7070",
      insecure: true,
      region: "eu-central-1",
    });
  });
});
