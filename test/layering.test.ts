import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importCycles, importsIn, layeringProblem, projectImports } from "./layering.ts";

const projectDir = join(import.meta.dirname, "..");
const imports = projectImports(projectDir);

test("imports go one way", () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports.flatMap((edge) => layeringProblem(edge) ?? [])).toEqual([]);
});

test("no file imports itself over others", () => {
  expect(importCycles(imports)).toEqual([]);
});

test("index.ts only loads, deploys and exports", () => {
  expect(readFileSync(join(projectDir, "index.ts"), "utf8").split("\n").length).toBeLessThan(20);
});

test.each([
  [
    "alerts/rules.ts",
    'import type { Input } from "@pulumi/pulumi";',
    "alerts/rules.ts imports @pulumi/pulumi: generators are pure and know nothing of Pulumi",
  ],
  [
    "components/loki.ts",
    'import { Tempo } from "./tempo.ts";',
    "components/loki.ts imports components/tempo.ts: components never import each other; what they share is a function in kubernetes/",
  ],
  [
    "config/parse.ts",
    'import { labels } from "../kubernetes/labels.ts";',
    "config/parse.ts imports kubernetes/labels.ts: config may import nothing else of the project",
  ],
  [
    "collector-config/deep/exporters.ts",
    'export { gateway } from "../../components/gateway.ts";',
    "collector-config/deep/exporters.ts imports components/gateway.ts: collector-config may import only config",
  ],
  [
    "dashboards/red.ts",
    'const { x } = await import("../alerts/rules.ts");',
    "dashboards/red.ts imports alerts/rules.ts: dashboards may import only config",
  ],
  [
    "index.ts",
    'import { Loki } from "./components/loki.ts";',
    "index.ts imports components/loki.ts: index.ts may import only config, platform.ts",
  ],
  [
    "bench/runs/cost.ts",
    'import { deploy } from "../../test/harness.ts";',
    "bench/runs/cost.ts imports test/harness.ts: bench may import only config, cli, components, balancer-config, collector-config, backend-config, dashboards, alerts, secrets, local, scripts",
  ],
  [
    "local/up.ts",
    'import { runs } from "../bench/catalogue.ts";',
    "local/up.ts imports bench/catalogue.ts: local may import only config, cli, kubernetes, secrets, drain, examples",
  ],
])("%s with %s is refused", (file, text, message) => {
  expect(importsIn(file, text).map(layeringProblem)).toEqual([message]);
});

test.each([
  ["components/loki.ts", 'import * as k8s from "@pulumi/kubernetes";'],
  ["dashboards/red.ts", 'import { unit } from "@grafana/grafana-foundation-sdk/common";'],
  ["config/parse.ts", 'import { Ajv } from "ajv";'],
  ["alerts/rules/gateway.ts", 'import { rule } from "../rule.ts";'],
])("%s with %s is fine", (file, text) => {
  expect(importsIn(file, text).map(layeringProblem)).toEqual([undefined]);
});

test("a circle is told once, in its order", () => {
  const edge = (from: string, to: string) => ({ from, to, isPackage: false });
  const circle = [edge("a.ts", "b.ts"), edge("b.ts", "c.ts"), edge("c.ts", "a.ts")];
  expect(importCycles([...circle, edge("d.ts", "a.ts")])).toEqual(["a.ts → b.ts → c.ts → a.ts"]);
});
