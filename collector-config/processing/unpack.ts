import { cached, coalesce, holds, set, text, when, type StatementGroup } from "./ottl.ts";

/** Fields in which loggers write their message: pino's, winston's and Python's, Fluent Bit's. */
const messageKeys = ["msg", "message", "log"] as const;
const traceKeys = ["trace_id", "traceId"] as const;
const spanKeys = ["span_id", "spanId"] as const;

/** The whole line, to tell cheaply what is not in it. */
const whole = cached("log", "whole");
const fields = cached("log", "fields");
const message = cached("log", "message");
const field = (key: string) => `${fields}[${text(key)}]`;

/** The ids by which a log is found from its trace, where the sender has put them into the line. */
function ids(target: "trace_id" | "span_id", keys: readonly string[], digits: number): string[] {
  const id = cached("log", target);
  const found = `${id} != nil and ${message} != nil`;
  const valid = `IsMatch(${id}, "^[0-9a-f]{${digits}}$")`;
  return [
    set(id, coalesce(keys.map(field)), holds(whole, target.slice(1, 4))),
    set(
      `log.${target}.string`,
      id,
      `${found} and IsMatch(log.${target}.string, "^0*$") and ${valid}`,
    ),
    ...keys.map((key) =>
      when(`delete_key(${fields}, ${text(key)})`, `${found} and ${id} == log.${target}.string`),
    ),
  ];
}

/**
 * A logger's line that came whole as the body, as JSON text or as a map: its message becomes the body, and its other
 * fields become attributes, so that all that follows looks in one place. A body without a message is the message itself.
 */
export function unpacked(): StatementGroup {
  const isLine = `${message} != nil`;
  return {
    condition: 'IsMap(log.body) or (IsString(log.body) and HasPrefix(log.body, "{"))',
    statements: [
      set(whole, "String(log.body)"),
      set(fields, "log.body", "IsMap(log.body)"),
      set(fields, "ParseJSON(log.body)", "IsString(log.body)"),
      ...[...messageKeys].map((key) =>
        set(message, field(key), `${message} == nil and IsString(${field(key)})`),
      ),
      ...ids("trace_id", traceKeys, 32),
      ...ids("span_id", spanKeys, 16),
      ...messageKeys.map((key) =>
        when(`delete_key(${fields}, ${text(key)})`, `${field(key)} == ${message}`),
      ),
      // Fields of fields get dotted names, as attributes have them. A list would get a name for each of its items.
      when(
        `flatten(${fields})`,
        `${isLine} and (${holds(whole, '":{')} or ${holds(whole, '": {')})`,
      ),
      when(`merge_maps(log.attributes, ${fields}, "insert")`, isLine),
      set("log.body", message, isLine),
    ],
  };
}
