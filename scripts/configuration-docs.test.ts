import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { schemaKeys } from "../config/schema-keys.ts";
import { configurationPage, defaultOf } from "./configuration-page.ts";

const page = configurationPage();

it("docs/configuration.md is what the schema says (npm run docs)", () => {
  const path = join(import.meta.dirname, "..", "docs", "configuration.md");
  expect(readFileSync(path, "utf8")).toBe(page);
});

it("describes every key", () => {
  const keys = schemaKeys();
  for (const { path, node } of keys) {
    expect(node.description, path).toMatch(/\.$/);
    const shown = node.properties === undefined ? `\`${path.replace("platform.", "")}\`` : path;
    expect(page, path).toContain(shown);
  }
  expect(keys.length).toBeGreaterThan(100);
});

it("says of every key without a default what holds then", () => {
  const open = schemaKeys().filter(
    ({ node }) => node.default === undefined && node.properties === undefined,
  );
  const unsaid = open.filter(
    (key) => defaultOf(key) === "none" && !/Without it|A mirror/.test(key.node.description ?? ""),
  );
  expect(unsaid.map(({ path }) => path)).toEqual([]);
});

it("names a unit for every number that is not a count", () => {
  const lines = page.split("\n").filter((line) => line.includes("| whole number |"));
  const without = lines
    .filter((line) => /\| {2}\|/.test(line))
    .map((line) => /`([^`]+)`/.exec(line)?.[1]);
  expect(without).toEqual([
    "cluster.kubeletPort",
    "collector.cluster.replicas",
    "collector.gateway.replicas.min",
    "collector.gateway.replicas.max",
    "collector.balancer.replicas",
    "collector.processing.limits.attributes",
    "collector.processing.limits.metricAttributes",
    "collector.sampler.replicas",
    "collector.fanOut.file.NAME.maxFiles",
    "loki.replicas",
    "tempo.replicas",
    "prometheus.replicas",
    "alertmanager.replicas",
  ]);
});
