import { load } from "js-yaml";
import { expect, test } from "vitest";
import { parseConfig } from "../config/parse.ts";
import type { Settings } from "../config/settings.ts";
import { renderRules } from "./render.ts";

interface RuleFile {
  groups: { name: string; rules: Record<string, unknown>[] }[];
}

function settings(overrides: Record<string, unknown> = {}): Settings {
  return parseConfig("Pulumi.test.yaml", {
    environment: "test",
    cluster: { name: "test" },
    loki: { replicas: 1 },
    tempo: { replicas: 1 },
    ...overrides,
  });
}

function rule(name: string, of: Settings): Record<string, unknown> | undefined {
  const file = load(renderRules(of)) as RuleFile;
  return file.groups.flatMap((group) => group.rules).find((entry) => entry["alert"] === name);
}

test("a rule as Prometheus reads it", () => {
  const linked = settings({
    grafana: { rootUrl: "https://grafana.example.com/" },
    alertmanager: { runbooksUrl: "https://git.example.com/sightline/docs/runbooks" },
  });
  expect(rule("TargetDown", linked)).toEqual({
    alert: "TargetDown",
    expr: "up == 0",
    for: "300s",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.job }} at {{ $labels.instance }} cannot be scraped",
      description:
        "Prometheus has not been able to read the metrics of {{ $labels.job }} at {{ $labels.instance }}. Its own alerts are blind meanwhile.",
      runbook: "docs/runbooks/TargetDown.md",
      runbook_url: "https://git.example.com/sightline/docs/runbooks/TargetDown.md",
      dashboard_url: "https://grafana.example.com/d/platform-overview",
    },
  });
});

test("without the URLs of Grafana and of the runbooks there is no link", () => {
  const annotations = rule("TargetDown", settings())?.["annotations"] as Record<string, string>;
  expect(Object.keys(annotations).sort()).toEqual(["description", "runbook", "summary"]);
});

test("rates reach over four scrapes where scrapes are far apart", () => {
  const slow = settings({ prometheus: { scrapeIntervalSeconds: 120 } });
  expect(rule("PrometheusNotIngesting", settings())?.["expr"]).toContain("[300s]");
  expect(rule("PrometheusNotIngesting", slow)?.["expr"]).toContain("[480s]");
});

test("groups are told apart and keep their order", () => {
  const file = load(renderRules(settings())) as RuleFile;
  expect(file.groups.map((group) => group.name)).toEqual([
    "alerting",
    "availability",
    "backends",
    "balancer",
    "collectors",
    "fan-out",
    "volumes",
  ]);
});
