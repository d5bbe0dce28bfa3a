import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";
import { runbookFile, type AlertRule } from "./rule.ts";
import { alertRules } from "./rules.ts";

/** Annotations of an alert. A link is left out where the stack does not say under which URL it would be. */
export function annotations(settings: Settings, rule: AlertRule): Readonly<Record<string, string>> {
  const { rootUrl } = settings.grafana;
  const { runbooksUrl } = settings.alertmanager;
  return {
    summary: rule.summary,
    description: rule.description,
    runbook: rule.runbook,
    ...(runbooksUrl !== undefined && { runbook_url: below(runbooksUrl, runbookFile(rule.name)) }),
    ...(rootUrl !== undefined &&
      rule.dashboardUid !== undefined && {
        dashboard_url: below(rootUrl, `d/${rule.dashboardUid}`),
      }),
  };
}

function below(url: string, path: string): string {
  return `${url.replace(/\/+$/, "")}/${path}`;
}

function toPrometheus(settings: Settings, rule: AlertRule) {
  return {
    alert: rule.name,
    expr: rule.expr,
    for: `${rule.forSeconds}s`,
    labels: { severity: rule.severity },
    annotations: annotations(settings, rule),
  };
}

/** The rule file of Prometheus. */
export function renderRules(settings: Settings): string {
  const rules = alertRules(settings);
  const names = [...new Set(rules.map((rule) => rule.group))];
  return toYaml({
    groups: names.map((name) => ({
      name,
      rules: rules
        .filter((rule) => rule.group === name)
        .map((rule) => toPrometheus(settings, rule)),
    })),
  });
}
