import type { Settings } from "../../config/settings.ts";
import { redactedNote } from "./notes.ts";
import { cardStatements } from "./cards.ts";
import { attributes, cached, holds, literally, set, text, when, type OttlContext } from "./ottl.ts";
import { harmlessKeys, secretWords } from "./secret-keys.ts";
import {
  emailAddress,
  pairInEscapedJson,
  pairInHeader,
  pairInJson,
  pairWithEqualSign,
  passwordInAddress,
  secretValues,
} from "./secret-values.ts";

export type RedactionSettings = Settings["collector"]["processing"]["redaction"];

/** What stands in a secret's place. */
export const mask = "****";

/** Hides a harmless name from the patterns while the others are masked. */
const hidden = "\u001f";

/** Between name and value, and between pairs: characters that no name has. */
const valueSign = "\u001f";
const pairSign = "\u001e";
const signs = `${text(valueSign)}, ${text(pairSign)}`;

/** Attributes as one text, in which all other signs are those of the values. */
export function asText(context: OttlContext, map = attributes(context)): string {
  return `ToKeyValueString(${map}, ${signs})`;
}

function words({ extraKeys }: RedactionSettings): string {
  return [secretWords, ...extraKeys.map(literally)].join("|");
}

function harmless({ keepKeys }: RedactionSettings): string {
  return [...harmlessKeys, ...keepKeys].map(literally).join("|");
}

/** Masks attributes by their names, whatever their type. Where a name cannot be written back, the attribute goes. */
function secretFields(context: OttlContext, redaction: RedactionSettings): string[] {
  const all = attributes(context);
  const secrets = cached(context, "secrets");
  const pairs = cached(context, "pairs");
  const masked = cached(context, "masked");
  const extra = redaction.extraKeys.map((key) => `(?:^|[._-])${literally(key)}`);
  const names = text(`(?i)(?:${[secretWords, ...extra].join("|")})$`);
  const value =
    redaction.action === "hash"
      ? `${text(`${valueSign}([^${pairSign}]*)`)}, "$1", SHA256, ${text(`${valueSign}%s`)}`
      : `${text(`${valueSign}[^${pairSign}]*`)}, ${text(`${valueSign}${mask}`)}`;
  const found = `${pairs} != nil and ${pairs} != ""`;
  return [
    set(secrets, all),
    `keep_matching_keys(${secrets}, ${names})`,
    `delete_matching_keys(${secrets}, ${text(`^(?:${harmless(redaction)})$`)})`,
    set(pairs, asText(context, secrets)),
    when(`replace_pattern(${pairs}, ${value})`, found),
    set(masked, `ParseKeyValue(${pairs}, ${signs})`, found),
    when(`merge_maps(${all}, ${masked}, "upsert")`, `${masked} != nil`),
    when(`delete_matching_keys(${all}, ${names})`, `${found} and ${masked} == nil`),
  ];
}

interface TextPattern {
  readonly pattern: string;
  readonly replacement: string;
  /** What a text that has it holds in any case. */
  readonly mark: string;
}

/** Secrets inside a text. They are masked in the hashing mode too: a part of what is found has to stay. */
function textPatterns(redaction: RedactionSettings): TextPattern[] {
  const names = words(redaction);
  return [
    { pattern: pairInJson(names), replacement: `$1"${mask}"`, mark: '":' },
    { pattern: pairInEscapedJson(names), replacement: `$1\\"${mask}\\"`, mark: '\\":' },
    { pattern: pairWithEqualSign(names), replacement: `$1${mask}`, mark: "=" },
    { pattern: pairInHeader, replacement: `$1${mask}`, mark: ":" },
    { pattern: passwordInAddress, replacement: `$1${mask}$2`, mark: "://" },
    ...secretValues.map(({ mark: found, pattern }) => ({
      mark: found,
      pattern,
      replacement: `$1${mask}`,
    })),
  ];
}

function inValues(context: OttlContext, redaction: RedactionSettings): string[] {
  const whole = cached(context, "text");
  return textPatterns(redaction).map(({ pattern, replacement, mark }) =>
    when(
      `replace_all_patterns(${attributes(context)}, "value", ${text(pattern)}, ${text(replacement)})`,
      // Quotes stand escaped in the text of all attributes.
      holds(whole, mark.replaceAll('"', '\\"')),
    ),
  );
}

function inBody(redaction: RedactionSettings): string[] {
  const body = cached("log", "body");
  const isJson = holds(body, '":');
  const hiding = `replace_pattern(${body}, ${text(`("(?:${harmless(redaction)}))"(\\s*:)`)}, ${text(`$1${hidden}"$2`)})`;
  return [
    when(hiding, isJson),
    ...textPatterns(redaction).map(({ pattern, replacement, mark }) =>
      when(`replace_pattern(${body}, ${text(pattern)}, ${text(replacement)})`, holds(body, mark)),
    ),
    when(`replace_pattern(${body}, ${text(hidden)}, "")`, isJson),
  ];
}

/** Takes secrets out of a record: by the names of its fields, and out of texts. Fields of fields come to the top first. */
export function withoutSecrets(context: OttlContext, redaction: RedactionSettings): string[] {
  const all = attributes(context);
  const whole = cached(context, "text");
  const body = cached(context, "body");
  const before = cached(context, "before");
  const hasBody = context === "log";
  const mails = [
    `replace_all_patterns(${all}, "value", ${text(emailAddress)}, ${text(mask)})`,
    ...(hasBody ? [`replace_pattern(${body}, ${text(emailAddress)}, ${text(mask)})`] : []),
  ];
  const now = asText(context);
  return [
    when(`flatten(${all})`, holds(now, '{\\"')),
    set(whole, now),
    ...secretFields(context, redaction),
    ...(hasBody ? [set(body, "String(log.body)"), set(before, body)] : []),
    ...inValues(context, redaction),
    ...(hasBody ? inBody(redaction) : []),
    ...(redaction.cardNumbers ? cardStatements(context, hasBody) : []),
    ...(redaction.emails ? mails : []),
    ...(hasBody
      ? [
          set("log.body", body, `IsString(log.body) and ${body} != ${before}`),
          // A structured body without such a text stays as it came: JSON's numbers are less exact than OTLP's.
          set("log.body", `ParseJSON(${body})`, `not IsString(log.body) and ${body} != ${before}`),
        ]
      : []),
    set(
      attributes(context, redactedNote),
      "true",
      `${whole} != ${now}${hasBody ? ` or ${body} != ${before}` : ""}`,
    ),
  ];
}
