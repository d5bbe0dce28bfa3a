import type { Target } from "../config/fan-out.ts";
import type { Processor, Signal } from "./model.ts";

type Filter = Target["settings"]["filter"];

/** The lowest number of each severity. */
const severityNumbers = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** OTTL's name of one record of a signal. */
const recordContext = { logs: "log", traces: "span", metrics: "datapoint" } as const;
const conditionsKey = {
  logs: "log_conditions",
  traces: "trace_conditions",
  metrics: "metric_conditions",
} as const;

/** Leaves of each signal what the target wants of it; nothing where it wants all. */
export function targetFilter({ name, settings }: Target, signal: Signal): Processor[] {
  const { filter } = settings;
  const onResource = [
    ...oneOf("service.name", filter.services),
    ...oneOf("sightline.tenant", filter.tenants),
  ];
  const onRecord = [...belowSeverity(filter, signal), ...without(filter, signal)];
  // A whole resource is dropped before its records are looked at.
  const groups = [
    { context: "resource", conditions: onResource },
    { context: recordContext[signal], conditions: onRecord },
  ].filter(({ conditions }) => conditions.length > 0);
  if (groups.length === 0) return [];
  return [
    {
      kind: "processor",
      name: "filter",
      purpose: `target-${name}-${signal}`,
      config: {
        // One target's condition is no reason to refuse a record to the others.
        error_mode: "silent",
        [conditionsKey[signal]]: groups,
      },
    },
  ];
}

function oneOf(attribute: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  const matches = values.map((value) => `resource.attributes["${attribute}"] == ${quoted(value)}`);
  return [`not (${matches.join(" or ")})`];
}

function belowSeverity({ minSeverity }: Filter, signal: Signal): string[] {
  if (signal !== "logs" || minSeverity === undefined) return [];
  return [`log.severity_number < ${severityNumbers[minSeverity]}`];
}

function without({ attributes }: Filter, signal: Signal): string[] {
  return Object.entries(attributes).map(([key, value]) => {
    const places = [`${recordContext[signal]}.attributes`, "resource.attributes"];
    const matches = places.map((place) => `${place}[${quoted(key)}] == ${quoted(value)}`);
    return `not (${matches.join(" or ")})`;
  });
}

/** A text of OTTL, whose escapes are JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
