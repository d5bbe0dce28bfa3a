import {
  attributeAliases,
  attributeNames,
  type AttributeRole,
} from "../../config/attribute-names.ts";
import {
  anyOf,
  attributes,
  coalesce,
  literally,
  set,
  text,
  type OttlContext,
  type StatementGroup,
} from "./ottl.ts";

interface Naming {
  readonly name: string;
  readonly aliases: readonly string[];
}

function namings(): Naming[] {
  return (Object.entries(attributeAliases) as [AttributeRole, readonly string[]][]).map(
    ([role, aliases]) => ({ name: attributeNames[role], aliases }),
  );
}

/** Folds other spellings into the platform's names. What already has the name stands. */
export function renamed(context: OttlContext): StatementGroup {
  const all = namings();
  const spellings = all.flatMap(({ aliases }) => aliases);
  const folded = all.map(({ name, aliases }) => {
    const target = attributes(context, name);
    const written = coalesce(aliases.map((alias) => attributes(context, alias)));
    return set(target, written, `${target} == nil`);
  });
  const pattern = `^(?:${spellings.map(literally).join("|")})$`;
  return {
    // Whether an attribute is there is the cheapest of all questions: fifty of them cost less than one regular expression.
    condition: anyOf(spellings.map((alias) => `${attributes(context, alias)} != nil`)),
    statements: [...folded, `delete_matching_keys(${attributes(context)}, ${text(pattern)})`],
  };
}
