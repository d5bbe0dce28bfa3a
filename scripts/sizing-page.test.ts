import { expect, it } from "vitest";
import { parseConfig } from "../config/parse.ts";
import { sizingPage } from "./sizing-page.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};
const workload = { logsPerSecond: 10_000, spansPerSecond: 1_000, series: 300_000 };

function lines(platform: object): string[] {
  return sizingPage(parseConfig("test", { ...base, ...platform })).split("\n");
}

it("shows what follows from the workload, what is written in its place, and what that would have been", () => {
  const page = lines({ workload, collector: { gateway: { replicas: { min: 2, max: 8 } } } });
  const from = "CPU over autoscaling.cpuPercent of the request, and one more";
  expect(page[0]).toBe("# Sizes of test");
  expect(page[2]).toBe(
    "From `platform.workload`: logsPerSecond 10000, spansPerSecond 1000, series 300000, recordBytes 1024, spansPerTrace 10, peakFactor 2, outageMinutes 30, metricPointsPerSecond 5000.",
  );
  expect(page).toContain(
    `| \`platform.collector.gateway.replicas.min\` | 2 | written, as derived: average ${from} |`,
  );
  expect(page).toContain(
    `| \`platform.collector.gateway.replicas.max\` | 8 | **written**; derived 3: peak ${from} |`,
  );
  expect(page).toContain(
    "| `platform.loki.streamRateMiB` | 40 | derived: as all streams together: one service may be the busy one |",
  );
});

it("says so where no workload is given", () => {
  const page = lines({});
  expect(page[2]).toMatch(/^`platform.workload` is not given: /);
  expect(page.filter((line) => line.startsWith("| `platform"))).toHaveLength(4);
});
