import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../config/parse.ts";
import { deployedWorkloads } from "../config/topology.ts";
import type { AlertRule } from "./rule.ts";
import { alertRules, collectRules } from "./rules.ts";
import { ruleTests } from "./rules.promtool.ts";

const root = join(import.meta.dirname, "..");
const prod = parseConfig("Pulumi.test.yaml", {
  environment: "prod",
  cluster: { name: "prod" },
  storage: { kind: "s3", lokiBucket: "logs-bucket", tempoBucket: "traces-bucket" },
});
const rules = alertRules(prod);

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  test("has a runbook with all three parts", () => {
    const page = join(root, rule.runbook);
    expect(existsSync(page), `${rule.runbook} is missing`).toBe(true);
    const headings = readFileSync(page, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"));
    expect(headings).toEqual([
      `# ${name}`,
      "## What it means",
      "## How to see it",
      "## What to do",
    ]);
  });

  test("has promtool tests", () => {
    expect(Object.keys(ruleTests)).toContain(name);
  });

  test("says its value, except where a value says nothing", () => {
    const silent = ["Watchdog", "TargetDown", "WorkloadDown", "AgentMissing"];
    expect(rule.description.includes("$value")).toBe(!silent.includes(name));
  });
});

test("names are unique", () => {
  const body = {
    expr: "up == 0",
    forSeconds: 0,
    severity: "info",
    summary: "s",
    description: "d",
  } as const;
  expect(() => collectRules({ volumes: { Twice: body }, backends: { Twice: body } })).toThrow(
    "Alert Twice is in the groups volumes and backends. Fix: give one of them another name.",
  );
});

test("every runbook belongs to a rule", () => {
  const pages = readdirSync(join(root, "docs/runbooks")).map((file) => file.replace(/\.md$/, ""));
  expect(pages.sort()).toEqual(rules.map((rule) => rule.name).sort());
});

test("runbooks link to pages that exist", () => {
  const links = rules.flatMap((rule) =>
    [...readFileSync(join(root, rule.runbook), "utf8").matchAll(/\]\((\w+\.md)\)/g)].map(
      ([, page]) => page,
    ),
  );
  expect(links.length).toBeGreaterThan(5);
  for (const page of links) {
    expect(existsSync(join(root, "docs/runbooks", page ?? "")), page).toBe(true);
  }
});

test("a rule keeps quiet only rules that exist", () => {
  const names = rules.map((rule) => rule.name);
  for (const { supersedes } of rules) {
    for (const { rule } of supersedes ?? []) expect(names).toContain(rule);
  }
});

test("every workload that is deployed is watched for being gone", () => {
  const gone = rules.find((rule) => rule.name === "WorkloadDown") as AlertRule;
  const watched = [...gone.expr.matchAll(/absent\(up\{job="([a-z]+)"\}/g)].map(([, job]) => job);
  expect(watched).toEqual(deployedWorkloads(prod));
});

test("one Alertmanager has nobody to disagree with", () => {
  const alone = parseConfig("Pulumi.test.yaml", {
    environment: "dev",
    cluster: { name: "dev" },
    alertmanager: { replicas: 1 },
    loki: { replicas: 1 },
    tempo: { replicas: 1 },
  });
  const missing = rules
    .map((rule) => rule.name)
    .filter((name) => !alertRules(alone).some((rule) => rule.name === name));
  expect(missing).toEqual(["AlertmanagerClusterDisagrees"]);
});
