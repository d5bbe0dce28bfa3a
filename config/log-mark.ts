/**
 * What an injected logger writes on a line that it has also handed to OTLP: such a line would otherwise be there twice, so
 * the agent drops it. A line without the mark has no other way and is kept.
 */
export const logMark = {
  /** In a line that is a JSON object: a field of its own. */
  field: "sightline.delivered",
  value: "otlp",
  /** In any other line: what it ends with. */
  suffix: " sightline.delivered=otlp",
} as const;

const field = logMark.field.replaceAll(".", String.raw`\.`);

/** In every marked line, and hardly in any other: looked for before the expression, which costs more. */
export const markHint = logMark.field;

/**
 * Matches marked lines, in JavaScript's dialect and in RE2's. A field inside of quoted text has escaped quotes, so that a
 * line which only tells of a mark is kept.
 */
export const markedLine = `("${field}"\\s*:\\s*"${logMark.value}"|\\s${field}=${logMark.value}\\s*$)`;
