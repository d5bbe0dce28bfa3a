import type { Settings } from "../config/settings.ts";
import { runbookPath, type AlertGroup, type AlertRule, type RuleSet } from "./rule.ts";
import { alertingRules } from "./rules/alerting.ts";
import { availabilityRules } from "./rules/availability.ts";
import { backendRules } from "./rules/backends.ts";
import { balancerRules } from "./rules/balancer.ts";
import { collectorRules } from "./rules/collectors.ts";
import { fanOutRules } from "./rules/fan-out.ts";
import { volumeRules } from "./rules/volumes.ts";

const groups = {
  alerting: alertingRules,
  availability: availabilityRules,
  backends: backendRules,
  balancer: balancerRules,
  collectors: collectorRules,
  "fan-out": fanOutRules,
  volumes: volumeRules,
} as const satisfies Record<AlertGroup, (settings: Settings) => RuleSet>;

type Groups = typeof groups;

/** Every rule's name: tests and overrides can name no other. */
export type AlertName = {
  [G in AlertGroup]: keyof ReturnType<Groups[G]> & string;
}[AlertGroup];

/** Puts groups of rules together, and refuses a name that stands twice: runbooks, tests and silences go by name. */
export function collectRules(sets: Readonly<Record<string, RuleSet>>): AlertRule[] {
  const rules = Object.entries(sets).flatMap(([group, set]) =>
    Object.entries(set).flatMap(([name, body]): AlertRule[] =>
      body === undefined
        ? []
        : [{ ...body, name, group: group as AlertGroup, runbook: runbookPath(name) }],
    ),
  );
  const seen = new Map<string, string>();
  for (const { name, group } of rules) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw new Error(
        `Alert ${name} is in the groups ${other} and ${group}. Fix: give one of them another name.`,
      );
    }
    seen.set(name, group);
  }
  return rules;
}

/** Every alert rule of a stack, by group and in the order of evaluation. */
export function alertRules(settings: Settings): readonly AlertRule[] {
  const sets = Object.entries(groups).map(([group, rules]) => [group, rules(settings)] as const);
  return collectRules(Object.fromEntries(sets));
}
