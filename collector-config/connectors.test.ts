import { describe, expect, it } from "vitest";
import { requestMetrics, traceShards } from "./connectors.ts";
import { settingAt, type ConfigMap, type PipelineId } from "./model.ts";

function shards(count: number) {
  const pipelines = Array.from({ length: count }, (_, ordinal): PipelineId => ({
    signal: "traces",
    purpose: `sampler-${ordinal}`,
  }));
  return traceShards(pipelines);
}

/** Ends of the shares, as the conditions write them. */
function ends(count: number): number[] {
  const table = settingAt(shards(count), "table") as readonly ConfigMap[];
  return table.map(({ condition }) => {
    const form = /^Substring\(trace_id\.string, 28, 4\) < "([0-9a-f]{4})"$/;
    return Number.parseInt(form.exec(condition as string)?.[1] ?? "no such form", 16);
  });
}

describe("traceShards", () => {
  it.each([2, 3, 7, 50])("deals to %i samplers in shares that differ by a thousandth", (count) => {
    const bounds = [0, ...ends(count), 65_536];
    expect(bounds).toHaveLength(count + 1);
    const shares = bounds.slice(1).map((end, index) => end - (bounds[index] ?? 0));
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.001);
  });

  it("leaves what no condition takes to the last", () => {
    const [last] = settingAt(shards(3), "default_pipelines") as readonly ConfigMap[];
    expect(last?.target).toEqual({ pipeline: { signal: "traces", purpose: "sampler-2" } });
  });
});

describe("requestMetrics", () => {
  const buckets = (slowerThanMs: number) => {
    const args = { purpose: "all", namespace: "traces", slowerThanMs, exemplars: false };
    return settingAt(requestMetrics(args), "histogram", "explicit", "buckets");
  };

  it("has a bucket's end at the duration from which traces are kept, in its place", () => {
    expect(buckets(2_000)).toEqual(
      [5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 2_500, 5_000, 10_000, 30_000].map(
        (ms) => `${ms}ms`,
      ),
    );
  });

  it("does not repeat a bucket", () => {
    expect(buckets(1_000)).toHaveLength(12);
  });
});
