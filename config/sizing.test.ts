import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";
import { goMemoryLimitMiB } from "./sizing.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};

function gatewayWith(memoryLimiter: object, resources: object = {}) {
  const gateway = { replicas: { min: 1, max: 1 }, memoryLimiter, resources };
  return parseConfig("test", { ...base, collector: { gateway } }).collector.gateway;
}

const limits = fc.integer({ min: 64, max: 262_144 });

describe("what is derived", () => {
  it("for every limit: the limiter is within GOMEMLIMIT, and that within the container", () => {
    fc.assert(
      fc.property(limits, (limitMiB) => {
        const { resources, memoryLimiter } = gatewayWith({ limitMiB });
        const goLimitMiB = goMemoryLimitMiB(resources.memoryMiB);
        expect(memoryLimiter.limitMiB).toBe(limitMiB);
        expect(goLimitMiB).toBeGreaterThanOrEqual(limitMiB);
        expect(goLimitMiB).toBeLessThan(resources.memoryMiB);
        // No more memory is asked for than that takes.
        expect(goMemoryLimitMiB(resources.memoryMiB - 1)).toBeLessThan(limitMiB);
      }),
    );
  });

  it("for every limit: there is room for a spike, and below it", () => {
    fc.assert(
      fc.property(limits, (limitMiB) => {
        const { spikeMiB } = gatewayWith({ limitMiB }).memoryLimiter;
        expect(spikeMiB).toBeGreaterThan(0);
        expect(spikeMiB * 4).toBeLessThanOrEqual(limitMiB);
      }),
    );
  });

  it("for every sampler: its limiter is GOMEMLIMIT", () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 1_048_576 }), (memoryMiB) => {
        const { sampler } = parseConfig("test", {
          ...base,
          collector: { sampler: { resources: { memoryMiB } } },
        }).collector;
        expect(sampler.memoryLimitMiB).toBe(goMemoryLimitMiB(memoryMiB));
      }),
    );
  });

  it("leaves a number that is written as it is", () => {
    const { resources, memoryLimiter } = gatewayWith(
      { limitMiB: 1_000, spikeMiB: 300 },
      { memoryMiB: 2_000 },
    );
    expect([resources.memoryMiB, memoryLimiter.spikeMiB]).toEqual([2_000, 300]);
  });
});
