import { cleanedAttribute } from "../../config/attribute-names.ts";
import { limitedNote, redactedNote } from "./notes.ts";
import { attributes, set, text, type OttlContext, type StatementGroup } from "./ottl.ts";

/** Takes away the notes of what was taken. */
export function tidied(context: OttlContext): StatementGroup {
  const all = attributes(context);
  const noted = [redactedNote, limitedNote].map((note) => `${attributes(context, note)} != nil`);
  return {
    condition: noted.join(" or "),
    statements: [redactedNote, limitedNote].map((note) => `delete_key(${all}, ${text(note)})`),
  };
}

/** Says in one attribute what was done to a record. A data point or a resource would be another one by it. */
export function saidInOne(context: "log" | "span" | "spanevent"): StatementGroup {
  const group = tidied(context);
  const cleaned = attributes(context, cleanedAttribute);
  const redacted = `${attributes(context, redactedNote)} != nil`;
  const limited = `${attributes(context, limitedNote)} != nil`;
  return {
    ...group,
    statements: [
      set(cleaned, text("redacted"), redacted),
      set(cleaned, text("limited"), limited),
      set(cleaned, text("redacted, limited"), `${redacted} and ${limited}`),
      ...group.statements,
    ],
  };
}
