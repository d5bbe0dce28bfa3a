import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";
import { mergeOverlay } from "./stack-file.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};

/** What the largest of the systems that this is for asks for. */
const busy = { logsPerSecond: 10_000, spansPerSecond: 1_000, series: 300_000 };

function settingsOf(workload: object, written: object = {}) {
  return parseConfig("test", mergeOverlay({ ...base, workload }, written));
}

/** Each number that follows from the workload, by its path. */
function sizes(workload: object, written: object = {}): Record<string, number> {
  const { sizing } = settingsOf(workload, written);
  return Object.fromEntries(
    sizing.map(({ path, value }) => [path.replace("platform.", ""), value]),
  );
}

describe("sizes that follow from a workload", () => {
  it("are these for 10,000 logs, 1,000 spans and 5,000 points a second, twice that at the peak", () => {
    expect(sizes(busy)).toEqual({
      "workload.metricPointsPerSecond": 5_000,
      "collector.gateway.queue.recordBytes": 1_024,
      "collector.agent.memoryLimitMiB": 409,
      "collector.agent.queue.diskMiB": 2_400,
      // 0.465 cores on average, 0.93 at the peak, of 0.65 that a replica is planned with
      "collector.gateway.replicas.min": 2,
      "collector.gateway.replicas.max": 3,
      // 10,000 logs in the second that a batch waits, but 4 MiB
      "collector.gateway.batch.maxRecords": 4_096,
      "collector.sampler.replicas": 2,
      // 20,000 logs a second, 1,800 s, over two gateways
      "collector.gateway.queue.maxRecords": 18_000_000,
      // four queues, and half as much again
      "collector.gateway.queue.volumeGiB": 103,
      "collector.gateway.memoryLimiter.limitMiB": 512,
      "collector.gateway.memoryLimiter.spikeMiB": 128,
      "collector.gateway.resources.memoryMiB": 640,
      "collector.sampler.maxTraces": 10_000,
      "collector.sampler.resources.memoryMiB": 512,
      "collector.sampler.memoryLimitMiB": 409,
      // 19.5 MiB of logs a second, twice
      "loki.ingestionRateMiB": 40,
      "loki.ingestionBurstMiB": 80,
      "loki.streamRateMiB": 40,
      "loki.streamBurstMiB": 80,
      "tempo.ingestionRateMiB": 32,
      "tempo.ingestionBurstMiB": 64,
      // 300,000 series of 8 KiB, and a quarter more
      "prometheus.resources.memoryMiB": 2_944,
      // 5,000 samples a second of 2 bytes for 15 days, in 80 % of it
      "prometheus.volumeGiB": 16,
    });
  });

  it.each<[string, object, object, Record<string, number>]>([
    [
      "ten times as much",
      { logsPerSecond: 100_000, spansPerSecond: 10_000, series: 3_000_000 },
      {},
      {
        "collector.gateway.replicas.min": 9,
        "collector.gateway.replicas.max": 16,
        // 14 s of 320,000 records a second, over nine
        "collector.gateway.memoryLimiter.limitMiB": 512,
        "collector.sampler.replicas": 2,
        // 20,000 spans a second in traces of ten, over two samplers, 30 s and half as many again
        "collector.sampler.maxTraces": 45_000,
        "collector.sampler.resources.memoryMiB": 1_856,
        "loki.ingestionRateMiB": 391,
        "prometheus.volumeGiB": 151,
      },
    ],
    [
      "a longer outage",
      { ...busy, outageMinutes: 59 },
      {},
      {
        "collector.gateway.queue.maxRecords": 35_400_000,
        "collector.gateway.queue.volumeGiB": 203,
      },
    ],
    [
      "more gateways, written",
      busy,
      { collector: { gateway: { replicas: { min: 6 } } } },
      {
        "collector.gateway.replicas.min": 6,
        "collector.gateway.replicas.max": 6,
        "collector.gateway.queue.maxRecords": 6_000_000,
        "collector.gateway.queue.volumeGiB": 35,
      },
    ],
    [
      "points that are counted",
      { ...busy, metricPointsPerSecond: 40_000 },
      {},
      {
        "workload.metricPointsPerSecond": 40_000,
        // The busiest signal now is metrics, over four gateways.
        "collector.gateway.queue.maxRecords": 36_000_000,
      },
    ],
    [
      "queues in memory",
      { logsPerSecond: 100, spansPerSecond: 10, series: 1_000, outageMinutes: 5 },
      { collector: { gateway: { queue: { storage: "memory" } } } },
      {
        "collector.gateway.queue.maxRecords": 30_000,
        "collector.gateway.memoryLimiter.limitMiB": 512,
      },
    ],
    [
      "longer waits for a root",
      { ...busy, spansPerSecond: 10_000 },
      { collector: { sampler: { decisionWaitSeconds: 120 } } },
      { "collector.sampler.maxTraces": 180_000 },
    ],
  ])("follow %s", (_, workload, written, expected) => {
    expect(sizes(workload, written)).toMatchObject(expected);
  });

  it("say nothing of a volume that is not there", () => {
    const memory = { collector: { gateway: { queue: { storage: "memory" } } } };
    const small = { logsPerSecond: 100, spansPerSecond: 10, series: 1_000, outageMinutes: 5 };
    expect(sizes(small, memory)).not.toHaveProperty(["collector.gateway.queue.volumeGiB"]);
  });

  it("give way to what is written, and tell what they would have been", () => {
    const { sizing, loki } = settingsOf(busy, { loki: { ingestionRateMiB: 100 } });
    const of = (path: string) => sizing.find((one) => one.path === path);
    expect(of("platform.loki.ingestionRateMiB")).toMatchObject({
      value: 100,
      derived: 40,
      isWritten: true,
    });
    expect(of("platform.loki.streamRateMiB")).toMatchObject({ value: 100, isWritten: false });
    expect(loki).toMatchObject({ ingestionRateMiB: 100, streamRateMiB: 100 });
  });

  it("are what the settings hold", () => {
    const { collector, prometheus } = settingsOf(busy);
    expect(collector.gateway.queue).toMatchObject({ maxRecords: 18_000_000, volumeGiB: 103 });
    expect(collector.gateway.replicas).toEqual({ min: 2, max: 3 });
    expect(prometheus.resources.memoryMiB).toBe(2_944);
  });

  it("hold every rule, whatever the workload", () => {
    const workloads = fc.record({
      logsPerSecond: fc.integer({ min: 0, max: 50_000 }),
      spansPerSecond: fc.integer({ min: 0, max: 20_000 }),
      series: fc.integer({ min: 0, max: 2_000_000 }),
      recordBytes: fc.integer({ min: 100, max: 4_096 }),
      spansPerTrace: fc.integer({ min: 1, max: 1_000 }),
      peakFactor: fc.integer({ min: 1, max: 4 }),
      outageMinutes: fc.integer({ min: 1, max: 59 }),
    });
    fc.assert(
      fc.property(workloads, (workload) => {
        expect(() => settingsOf(workload)).not.toThrow();
      }),
    );
  });
});

describe("without a workload", () => {
  it("only numbers without a default follow from others", () => {
    const { sizing, workload } = parseConfig("test", base);
    expect(workload).toBeUndefined();
    expect(sizing.map(({ path, value }) => [path, value])).toEqual([
      ["platform.collector.gateway.memoryLimiter.spikeMiB", 512],
      ["platform.collector.gateway.resources.memoryMiB", 2_560],
      ["platform.collector.agent.memoryLimitMiB", 409],
      ["platform.collector.sampler.memoryLimitMiB", 2_048],
    ]);
  });
});

it("messages call a number derived that follows from the workload", () => {
  expect(() => settingsOf(busy, { loki: { ingestionBurstMiB: 30 } })).toThrow(
    "platform.loki.ingestionBurstMiB is 30, below loki.ingestionRateMiB 40 (derived)",
  );
});
