import {
  attributeAliases,
  attributeNames,
  type AttributeRole,
} from "../../config/attribute-names.ts";
import {
  anyOf,
  attributes,
  coalesce,
  set,
  text,
  when,
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
  const there = (alias: string) => `${attributes(context, alias)} != nil`;
  const folded = all.flatMap(({ name, aliases }) => {
    const target = attributes(context, name);
    const written = coalesce(aliases.map((alias) => attributes(context, alias)));
    return [
      set(target, written, `${target} == nil`),
      ...aliases.map((alias) =>
        when(`delete_key(${attributes(context)}, ${text(alias)})`, there(alias)),
      ),
    ];
  });
  // Whether an attribute is there is the cheapest of all questions: fifty of them cost less than one regular expression.
  return { condition: anyOf(spellings.map(there)), statements: folded };
}
