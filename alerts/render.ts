import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";
import type { AlertRule } from "./rule.ts";
import { alertRules } from "./rules.ts";

/** Annotations of an alert. The links are left out where the stack does not say under which URL people open Grafana. */
export function annotations(settings: Settings, rule: AlertRule): Readonly<Record<string, string>> {
  const { rootUrl } = settings.grafana;
  const dashboard =
    rootUrl === undefined || rule.dashboardUid === undefined
      ? {}
      : { dashboard_url: `${rootUrl.replace(/\/+$/, "")}/d/${rule.dashboardUid}` };
  return {
    summary: rule.summary,
    description: rule.description,
    runbook: rule.runbook,
    ...dashboard,
  };
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
