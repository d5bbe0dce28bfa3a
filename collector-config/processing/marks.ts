import type { Settings } from "../../config/settings.ts";
import {
  anyOf,
  attributes,
  cached,
  holds,
  literally,
  set,
  text,
  type OttlContext,
  type StatementGroup,
} from "./ottl.ts";
import { asText } from "./redaction.ts";
import { secretMarks } from "./secret-keys.ts";
import { cardMarks, passwordInAddress, secretValues } from "./secret-values.ts";

export type ProcessingSettings = Settings["collector"]["processing"];

/** What a record may need. Few need it, so each is told by a cheap look at its text. */
export type Work = "secrets" | "long";

/** An attribute that stands on a record from the look at it until the work is done. */
function workMark(work: Work): string {
  return `sightline.work.${work}`;
}

/** The group that does the work on the records that need it, and takes the mark away. */
export function needed(
  context: OttlContext,
  work: Work,
  statements: readonly string[],
): StatementGroup {
  const key = workMark(work);
  return {
    context,
    // With its context said, the collector takes a condition's paths without it.
    condition: `attributes[${text(key)}] != nil`,
    statements: [`delete_key(${attributes(context)}, ${text(key)})`, ...statements],
  };
}

function looksSecret(whole: string, { redaction }: ProcessingSettings): string {
  const matches = (pattern: string) => `IsMatch(${whole}, ${text(pattern)})`;
  const extra = redaction.extraKeys.map((key) => `(?i)${literally(key)}["'\\\\]*\\s?[=:\\x1f]`);
  return anyOf([
    ...[...secretMarks, passwordInAddress, ...extra].map(matches),
    // Half the price of Index(), which makes a number of what it finds.
    ...secretValues.map(({ mark }) => matches(literally(mark))),
    ...(redaction.emails ? [holds(whole, "@")] : []),
    ...(redaction.cardNumbers ? cardMarks.map(matches) : []),
  ]);
}

/** Finds out which work a record needs, from its body and attributes as one text. */
export function marked(
  context: OttlContext,
  works: readonly Work[],
  processing: ProcessingSettings,
): StatementGroup {
  const whole = cached(context, "text");
  const { limits } = processing;
  const tests: Record<Work, string> = {
    secrets: looksSecret(whole, processing),
    long: `Len(${whole}) > ${Math.min(limits.valueBytes, limits.bodyBytes)}`,
  };
  return {
    statements: [
      set(
        whole,
        `Concat([${context === "log" ? "log.body" : text("")}, ${asText(context)}], "\\u001e")`,
      ),
      ...works.map((work) => set(attributes(context, workMark(work)), "true", tests[work])),
    ],
  };
}
