import { attributeNames } from "../../config/attribute-names.ts";
import type { Settings } from "../../config/settings.ts";
import type { Processor } from "../model.ts";
import { limitedNote, redactedNote } from "./notes.ts";
import { anyOf, attributes, set, text, when, type OttlContext } from "./ottl.ts";

export type LimitSettings = Settings["collector"]["processing"]["limits"];

/** Stay when others go: by these a record is found. */
const kept = [
  "service.name",
  "service.namespace",
  "service.instance.id",
  "sightline.tenant",
  redactedNote,
  limitedNote,
  ...Object.values(attributeNames),
] as const;

function saidOn(context: OttlContext, condition: string): string {
  return set(attributes(context, limitedNote), "true", condition);
}

/** Too many attributes: the last go, and are counted where OTLP counts them. */
export function fewer(context: OttlContext, { attributes: most }: LimitSettings) {
  const all = attributes(context);
  const tooMany = `Len(${all}) > ${most}`;
  const counter = `${context}.dropped_attributes_count`;
  const counts = context === "log" || context === "span" || context === "resource";
  return {
    condition: tooMany,
    statements: [
      ...(counts ? [set(counter, `${counter} + Len(${all}) - ${most}`)] : []),
      saidOn(context, tooMany),
      `limit(${all}, ${most}, [${kept.map(text).join(", ")}])`,
    ],
  };
}

/** Too long values: a log's stack trace moves into the body, the rest is cut. */
export function shorter(
  context: "log" | "span" | "resource" | "spanevent",
  limits: LimitSettings,
): string[] {
  const all = attributes(context);
  const stack = attributes(context, attributeNames.exceptionStack);
  const length = (map: string) => `Len(ToKeyValueString(${map}))`;
  const before = `${context}.cache["length"]`;
  const isLong = `IsString(${stack}) and Len(${stack}) > ${limits.valueBytes} and IsString(log.body)`;
  const moved = [
    set("log.body", `Concat([log.body, ${stack}], "\\n")`, isLong),
    when(`delete_key(${all}, ${text(attributeNames.exceptionStack)})`, isLong),
  ];
  const isLog = context === "log";
  const tooLong = `IsString(log.body) and Len(log.body) > ${limits.bodyBytes}`;
  const share = Math.floor(limits.metadataBytes / limits.attributes / 2);
  return [
    ...(isLog ? moved : []),
    set(before, length(all)),
    `truncate_all(${all}, ${limits.valueBytes})`,
    ...(isLog
      ? [when(`truncate_all(${all}, ${share})`, `${length(all)} > ${limits.metadataBytes}`)]
      : []),
    saidOn(context, anyOf([`${before} != ${length(all)}`, ...(isLog ? [`(${tooLong})`] : [])])),
    ...(isLog ? [set("log.body", `Substring(log.body, 0, ${limits.bodyBytes})`, tooLong)] : []),
  ];
}

/**
 * Data points that would each be a series. They are dropped and counted by the collector: a point without one of its
 * attributes would be another series' second value. How many series a service makes over time, no record says.
 */
export function boundedSeries(limits: LimitSettings): Processor {
  const keys = limits.unboundedMetricKeys.map((key) => `${attributes("datapoint", key)} != nil`);
  return {
    kind: "processor",
    name: "filter",
    purpose: "series",
    config: {
      error_mode: "silent",
      metric_conditions: [`Len(datapoint.attributes) > ${limits.metricAttributes}`, ...keys],
    },
  };
}
