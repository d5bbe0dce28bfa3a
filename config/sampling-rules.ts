import type { ConfigIssue } from "./issue.ts";
import type { Facts, Rule } from "./rule.ts";
import type { Settings } from "./settings.ts";

type KeepRule = Settings["collector"]["sampler"]["keep"]["rules"][number];

const path = "platform.collector.sampler.keep.rules";
const conditions = ["service", "route", "tenant"] as const;

function rulesOf({ settings }: Facts): readonly KeepRule[] {
  return settings.collector.sampler.keep.rules;
}

function isBare(rule: KeepRule): boolean {
  return conditions.every((condition) => rule[condition] === undefined);
}

function withCondition(facts: Facts): ConfigIssue[] {
  return rulesOf(facts).flatMap((rule, index): ConfigIssue[] => {
    if (!isBare(rule)) return [];
    const problem = `(${rule.name}) names no service, route or tenant: every trace would meet it`;
    const fix = `add one of them, or remove the rule and set keep.percentage to ${rule.percentage} and keep.budgetSpansPerSecond to 0`;
    return [{ path: `${path}[${index}]`, problem, fix }];
  });
}

function namesOnce(facts: Facts): ConfigIssue[] {
  const rules = rulesOf(facts);
  return rules.flatMap(({ name }, index): ConfigIssue[] => {
    const first = rules.findIndex((one) => one.name === name);
    if (first === index) return [];
    const problem = `is ${name}, and so is the name of rules[${first}]`;
    return [{ path: `${path}[${index}].name`, problem, fix: "give each a name of its own" }];
  });
}

/** Whether every trace that meets `later` meets `earlier` too. */
function covers(earlier: KeepRule, later: KeepRule): boolean {
  return conditions.every(
    (condition) => earlier[condition] === undefined || earlier[condition] === later[condition],
  );
}

function reached(facts: Facts): ConfigIssue[] {
  const rules = rulesOf(facts);
  return rules.flatMap((rule, index): ConfigIssue[] => {
    // A rule without a condition covers all others, and is reported as such.
    const before = rules.slice(0, index).findIndex((one) => !isBare(one) && covers(one, rule));
    const first = rules[before];
    if (first === undefined || isBare(rule)) return [];
    const problem = `(${rule.name}) is never reached: rules[${before}] (${first.name}) takes every trace that would meet it`;
    const fix = `move it before rules[${before}], or remove it`;
    return [{ path: `${path}[${index}]`, problem, fix }];
  });
}

/** The first rule that a trace meets decides about it: rules that could not have been meant so. */
export const samplingRules: readonly Rule[] = [
  {
    name: "keep-rule-has-condition",
    why: "A rule that every trace meets takes the place of budget and percentage without saying so.",
    check: withCondition,
  },
  {
    name: "keep-rule-names-once",
    why: "Samplers tell rules apart by their names, and refuse to start with one of them twice.",
    check: namesOnce,
  },
  {
    name: "keep-rule-reached",
    why: "What an earlier rule takes, no later one sees: the share that is written would not hold.",
    check: reached,
  },
];
