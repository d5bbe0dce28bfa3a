import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";
import { annotations } from "./render.ts";
import type { AlertRule } from "./rule.ts";
import { alertRules, type AlertName } from "./rules.ts";

/** What is expected to fire, with its texts as a reader gets them: that proves the templates too. */
export interface ExpectedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

/** Series by name and labels, in promtool's notation, one value a minute; and what fires at that minute. */
export interface Scenario {
  readonly series: Readonly<Record<string, string>>;
  readonly atMinute: number;
  readonly alerts: readonly ExpectedAlert[];
}

export interface QuietScenario extends Scenario {
  readonly alerts: readonly [];
}

/** What every rule must show: it fires (and not a minute earlier), it holds still just below, and what missing data does. */
export interface RuleTest {
  readonly fires: Scenario;
  readonly holds: QuietScenario | readonly QuietScenario[] | "alwaysFires";
  readonly dataMissing: Scenario;
}

export type RuleTests = Readonly<Partial<Record<AlertName, RuleTest>>>;

/** A scenario in which nothing fires. */
export function quiet(atMinute: number, series: Scenario["series"]): QuietScenario {
  return { series, atMinute, alerts: [] };
}

function atMinute(settings: Settings, rule: AlertRule, minute: number, alerts: Scenario["alerts"]) {
  return {
    eval_time: `${minute}m`,
    alertname: rule.name,
    exp_alerts: alerts.map(({ labels, summary, description }) => ({
      exp_labels: { severity: rule.severity, ...labels },
      exp_annotations: { ...annotations(settings, rule), summary, description },
    })),
  };
}

function toPromtool(settings: Settings, rule: AlertRule, kind: keyof RuleTest, scenario: Scenario) {
  const { alerts, atMinute: minute } = scenario;
  const justBefore =
    kind === "fires" && minute > 0 ? [atMinute(settings, rule, minute - 1, [])] : [];
  return {
    name: `${rule.name}: ${kind}`,
    interval: "1m",
    input_series: Object.entries(scenario.series).map(([series, values]) => ({ series, values })),
    alert_rule_test: [...justBefore, atMinute(settings, rule, minute, alerts)],
  };
}

/** A promtool test file for all rules of a stack that have tests. `ruleFile` is the rendered rules, beside it. */
export function renderRuleTests(settings: Settings, tests: RuleTests, ruleFile: string): string {
  const cases = alertRules(settings).flatMap((rule) => {
    const test = tests[rule.name as AlertName];
    if (test === undefined) return [];
    return (["fires", "holds", "dataMissing"] as const).flatMap((kind) => {
      const scenario = test[kind];
      if (scenario === "alwaysFires") return [];
      return [scenario].flat().map((one) => toPromtool(settings, rule, kind, one));
    });
  });
  return toYaml({ rule_files: [ruleFile], evaluation_interval: "1m", tests: cases });
}
