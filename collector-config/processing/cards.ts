import { attributes, cached, set, text, when, type OttlContext } from "./ottl.ts";
import { cardCandidate, cardIssuers } from "./secret-values.ts";

/** Numbers of one record that are looked at. */
const candidates = 3;

/**
 * Masks numbers that are cards: of an issuer's range, with a right check digit. One order number in ten has a right check
 * digit by chance, and few begin as an issuer's numbers do.
 */
export function cardStatements(context: OttlContext, hasBody: boolean): string[] {
  const rest = cached(context, "rest");
  const found = cached(context, "found");
  const number = `${found}["card"]`;
  const digits = cached(context, "digits");
  const written = cached(context, "body");
  const isCard = `${number} != nil and IsMatch(${digits}, ${text(cardIssuers)}) and IsValidLuhn(${digits})`;
  const round = [
    set(found, `ExtractPatterns(${rest}, ${text(`(?P<card>${cardCandidate})`)})`),
    set(digits, number),
    `replace_pattern(${digits}, "[ -]", "")`,
    when(`replace_all_patterns(${attributes(context)}, "value", ${number}, "****")`, isCard),
    ...(hasBody ? [when(`replace_pattern(${written}, ${number}, "****")`, isCard)] : []),
    when(`replace_pattern(${rest}, ${number}, "")`, `${number} != nil`),
  ];
  const whole = cached(context, "text");
  return [
    set(rest, hasBody ? `Concat([${written}, ${whole}], " ")` : whole),
    ...Array.from({ length: candidates }, () => round).flat(),
  ];
}
