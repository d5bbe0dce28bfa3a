import { tenantAttribute } from "../config/attributes.ts";
import type { Settings } from "../config/settings.ts";
import type { ConfigMap, Processor } from "./model.ts";

export type KeepRule = Settings["collector"]["sampler"]["keep"]["rules"][number];

/** One of tail sampling's policies. */
export interface Policy extends ConfigMap {
  readonly name: string;
}

/**
 * Span attribute with the first rule that the span meets, while its trace is decided. Tail sampling can tell that no span
 * has a value, but not that no span meets several conditions at once.
 */
const mark = "sightline.keep_rule";

/** Marks each span with the rule that it meets. */
export function markRules(rules: readonly KeepRule[]): Processor {
  return transform("mark", [
    // Whoever sends the mark along must not choose.
    `delete_key(resource.attributes, "${mark}")`,
    `delete_key(span.attributes, "${mark}")`,
    ...rules.map(
      (rule) =>
        `set(span.attributes["${mark}"], ${quoted(rule.name)}) where ${[
          `span.attributes["${mark}"] == nil`,
          ...conditions(rule),
        ].join(" and ")}`,
    ),
  ]);
}

/** Takes the marks off what is kept. */
export function unmarkRules(): Processor {
  return transform("unmark", [`delete_key(span.attributes, "${mark}")`]);
}

function transform(purpose: string, statements: readonly string[]): Processor {
  return {
    kind: "processor",
    name: "transform",
    purpose,
    config: { error_mode: "ignore", trace_statements: [{ context: "span", statements }] },
  };
}

function conditions({ service, route, tenant }: KeepRule): string[] {
  const wanted: [string, string | undefined][] = [
    ['resource.attributes["service.name"]', service],
    ['span.attributes["http.route"]', route],
    [`resource.attributes["${tenantAttribute}"]`, tenant],
  ];
  return wanted.flatMap(([path, value]) =>
    value === undefined ? [] : [`${path} == ${quoted(value)}`],
  );
}

/** As text in a statement; both languages escape quotes and backslashes alike. */
function quoted(value: string): string {
  return JSON.stringify(value);
}

/** What keeps the share of each rule, in the rules' order. A trace that an earlier rule has met is that rule's. */
export function rulePolicies(rules: readonly KeepRule[]): Policy[] {
  return rules.flatMap(({ name, percentage }, index): Policy[] => {
    if (percentage === 0) return [];
    const earlier = rules.slice(0, index);
    const share = { name: "share", type: "probabilistic" };
    return [
      all(`rule-${name}`, [
        {
          name: "meets",
          type: "string_attribute",
          string_attribute: { key: mark, values: [name] },
        },
        ...(earlier.length === 0 ? [] : [meetsNone(earlier)]),
        ...(percentage === 100
          ? []
          : [{ ...share, probabilistic: { sampling_percentage: percentage } }]),
      ]),
    ];
  });
}

/** The policy for traces that meet no rule. */
export function besidesRules(rules: readonly KeepRule[], policy: Policy): Policy {
  if (rules.length === 0) return policy;
  return all(policy.name, [meetsNone(rules), policy]);
}

function meetsNone(rules: readonly KeepRule[]): Policy {
  const values = rules.map(({ name }) => name);
  return {
    name: "meets-none",
    type: "string_attribute",
    string_attribute: { key: mark, values, invert_match: true },
  };
}

function all(name: string, policies: readonly Policy[]): Policy {
  return { name, type: "and", and: { and_sub_policy: policies } };
}
