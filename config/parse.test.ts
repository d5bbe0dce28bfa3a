import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";
import { readStackConfig } from "./stack-file.ts";

const least = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};

function stack(name: string) {
  const file = `Pulumi.${name}.yaml`;
  return parseConfig(file, readStackConfig(join(import.meta.dirname, "..", file)));
}

describe("parseConfig", () => {
  it("fills in defaults at every depth", () => {
    const settings = parseConfig("test", least);
    expect(settings.collector.gateway.replicas).toEqual({ min: 3, max: 10 });
    expect(settings.collector.gateway.memoryLimiter).toEqual({
      limitMiB: 2_048,
      spikeMiB: 512,
      checkIntervalMs: 500,
    });
    expect(settings.collector.gateway.resources.memoryMiB).toBe(2_560);
    expect(settings.collector.sampler.memoryLimitMiB).toBe(2_048);
    expect(settings.cluster.apiServerPorts).toEqual([443, 6_443]);
  });

  it("leaves what it is given as it is", () => {
    const given = structuredClone(least);
    parseConfig("test", given);
    expect(given).toEqual(least);
  });

  it("gives settings that cannot be changed, at any depth", () => {
    const settings = parseConfig("test", least);
    const limiter = settings.collector.gateway.memoryLimiter as { limitMiB: number };
    expect(() => {
      limiter.limitMiB = 1;
    }).toThrow(TypeError);
    expect(Object.isFrozen(settings.cluster.apiServerPorts)).toBe(true);
  });

  it("shares nothing between two calls", () => {
    const first = parseConfig("test", least);
    const second = parseConfig("test", least);
    expect(second).toEqual(first);
    expect(second.cluster.apiServerPorts).not.toBe(first.cluster.apiServerPorts);
  });
});

describe("the stacks", () => {
  it("dev is small, keeps everything and prints what passes", () => {
    const { collector, loki, tempo, prometheus } = stack("dev");
    expect(collector.gateway.memoryLimiter.limitMiB).toBe(512);
    expect(collector.gateway.batch).toEqual({ maxRecords: 100, timeoutMs: 1_000 });
    expect(collector.gateway.debugExporter).toBe(true);
    expect(collector.gateway.replicas).toEqual({ min: 1, max: 1 });
    expect(collector.sampler.keep.percentage).toBe(100);
    expect([loki.replicas, tempo.replicas, prometheus.replicas]).toEqual([1, 1, 1]);
  });

  it("prod is what the systems it is for ask for", () => {
    const { collector, loki, tempo, prometheus } = stack("prod");
    expect(collector.gateway.memoryLimiter.limitMiB).toBe(2_048);
    expect(collector.gateway.batch).toEqual({ maxRecords: 1_000, timeoutMs: 5_000 });
    expect(collector.gateway.debugExporter).toBe(false);
    expect(collector.gateway.queue.storage).toBe("disk");
    expect(collector.gateway.replicas.min).toBeGreaterThanOrEqual(3);
    expect(collector.gateway.replicas.max).toBeGreaterThan(collector.gateway.replicas.min);
    expect(collector.sampler.keep.percentage).toBe(10);
    expect([loki.retentionDays, tempo.retentionDays, prometheus.retentionDays]).toEqual([
      31, 7, 15,
    ]);
    expect([loki.ingestionRateMiB, loki.ingestionBurstMiB]).toEqual([16, 32]);
  });
});
