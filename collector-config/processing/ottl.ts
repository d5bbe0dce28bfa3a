import type { Processor } from "../model.ts";

/** What a statement may change: one record, or what several have in common. */
export type OttlContext = "log" | "span" | "spanevent" | "datapoint" | "resource" | "scope";

/** Statements that run, one after the other, for what meets the condition. Each group has a cache of its own. */
export interface StatementGroup {
  /** Said where the collector cannot see it from the paths: names of functions as arguments hide it. */
  readonly context?: OttlContext;
  readonly condition?: string;
  readonly statements: readonly string[];
}

/** Text as the collector's transformation language spells it. */
export function text(value: string): string {
  return JSON.stringify(value);
}

/** Attributes of a context, or one of them. */
export function attributes(context: OttlContext, key?: string): string {
  return key === undefined ? `${context}.attributes` : `${context}.attributes[${text(key)}]`;
}

/** A value that lasts as long as one record's group. */
export function cached(context: OttlContext, key: string): string {
  return `${context}.cache[${text(key)}]`;
}

export function set(target: string, value: string, condition?: string): string {
  return when(`set(${target}, ${value})`, condition);
}

/** A statement that runs only where the condition holds. */
export function when(statement: string, condition?: string): string {
  return condition === undefined ? statement : `${statement} where ${condition}`;
}

export function coalesce(values: readonly string[]): string {
  return `Coalesce([${values.join(", ")}])`;
}

/** Whether a text holds another one. Many times cheaper than a regular expression. */
export function holds(target: string, part: string): string {
  return `Index(${target}, ${text(part)}) >= 0`;
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.join(" or ");
}

/** A text as a regular expression that matches just it. */
export function literally(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

interface TransformGroups {
  readonly logs?: readonly StatementGroup[];
  readonly traces?: readonly StatementGroup[];
  readonly metrics?: readonly StatementGroup[];
}

/** Statements over the records of each signal. */
export function transform(purpose: string, groups: TransformGroups): Processor {
  const listed = (list: readonly StatementGroup[] | undefined) =>
    list?.map(({ context, condition, statements }) => ({
      context,
      conditions: condition === undefined ? undefined : [condition],
      statements: [...statements],
    }));
  return {
    kind: "processor",
    name: "transform",
    purpose,
    config: {
      // What a statement cannot be done to stays as it is. To say so for every such record would flood the own log.
      error_mode: "silent",
      log_statements: listed(groups.logs),
      trace_statements: listed(groups.traces),
      metric_statements: listed(groups.metrics),
    },
  };
}
