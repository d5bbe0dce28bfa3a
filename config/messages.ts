import type { ErrorObject } from "ajv";
import { didYouMean } from "./did-you-mean.ts";
import { expectation, patternWords } from "./expectations.ts";
import { joinPath, type ConfigIssue } from "./issue.ts";
import { unescapePointer } from "./malformed.ts";
import { schemaKeys, type SchemaNode } from "./schema-keys.ts";

/** What the validator found, as a reader of the YAML would want to hear it. */
export function schemaIssues(source: string, errors: readonly ErrorObject[]): ConfigIssue[] {
  const found = errors.map((error) => describe(source, error));
  const renamed = new Set(found.flatMap(({ meant }) => (meant === undefined ? [] : [meant])));
  const firstAt = new Map<string, ConfigIssue>();
  for (const { issue, missing } of found) {
    // A misspelt key that is needed is one mistake, not an unknown key and a missing one.
    if (missing === true && renamed.has(issue.path)) continue;
    // So is a value that is wrong in several ways.
    if (!firstAt.has(issue.path)) firstAt.set(issue.path, issue);
  }
  return [...firstAt.values()];
}

interface Described {
  readonly issue: ConfigIssue;
  /** The path that an unknown key was most likely meant to be. */
  readonly meant?: string;
  readonly missing?: boolean;
}

function describe(source: string, error: ErrorObject): Described {
  const steps = ["platform", ...error.instancePath.split("/").slice(1).map(unescapePointer)];
  const params = error.params as Record<string, unknown>;
  const node = error.parentSchema as unknown as SchemaNode;
  if (error.propertyName !== undefined) return wrongName(steps, error.propertyName, node);
  switch (error.keyword) {
    case "propertyNames":
      return wrongName(steps, String(params.propertyName), node.propertyNames ?? node);
    case "additionalProperties":
      return unknownKey(steps, String(params.additionalProperty), node);
    case "required":
      return missingKey(steps, String(params.missingProperty), node);
    case "uniqueItems": {
      const twice = shown((error.data as unknown[])[Number(params.i)]);
      return wrong(steps, `has ${twice} twice`, "remove one of them");
    }
    case "type":
      return wrongType(source, steps, error.data, node);
    default:
      return wrong(
        steps,
        `is ${shown(error.data)}, expected ${limits(error.keyword, node)}`,
        valueFix(error, node),
      );
  }
}

function wrong(steps: readonly string[], problem: string, fix: string): Described {
  return { issue: { path: joinPath(steps), problem, fix } };
}

function limits(keyword: string, node: SchemaNode): string {
  switch (keyword) {
    case "minLength":
      return `text of at least ${node.minLength ?? 0} characters`;
    case "maxLength":
      return `text of at most ${node.maxLength ?? 0} characters`;
    default:
      return expectation(node);
  }
}

function valueFix(error: ErrorObject, node: SchemaNode): string {
  switch (error.keyword) {
    case "enum": {
      const near = didYouMean(String(error.data), node.enum ?? []);
      return near === undefined ? "write one of these" : `write ${near}`;
    }
    case "minimum":
      return `write ${node.minimum ?? 0} or more`;
    case "maximum":
      return `write ${node.maximum ?? 0} or less`;
    case "minItems":
      return "add an entry, or remove the key to have its default";
    case "pattern":
      return patternWords[node.pattern ?? ""]?.fix ?? `match ${node.pattern ?? ""}`;
    default:
      return `write ${limits(error.keyword, node)}`;
  }
}

function unknownKey(steps: readonly string[], key: string, parent: SchemaNode): Described {
  if (key === "secure") {
    const fix =
      "write the value in plain; the platform's secrets have keys of their own, made by `npm run secrets`";
    return wrong(steps, "is encrypted, and nothing under platform may be", fix);
  }
  const known = Object.keys(parent.properties ?? {});
  const near = didYouMean(key, known);
  if (near !== undefined) {
    const described = wrong([...steps, key], `is unknown: did you mean ${near}?`, `write ${near}`);
    return { ...described, meant: joinPath([...steps, near]) };
  }
  const elsewhere = schemaKeys()
    .map(({ path }) => path)
    .filter((path) => path.endsWith(`.${key}`));
  const fix =
    elsewhere.length > 0 && elsewhere.length <= 3
      ? `move it to ${elsewhere.join(" or ")}`
      : `remove it; known here: ${known.join(", ")}`;
  return wrong([...steps, key], "is unknown", fix);
}

/** A name that the user gives, and that something else cannot take. */
function wrongName(steps: readonly string[], name: string, node: SchemaNode): Described {
  const words = patternWords[node.pattern ?? ""];
  const problem = `is called ${JSON.stringify(name)}, expected ${words?.expected ?? "another name"}`;
  return wrong([...steps, name], problem, words?.fix ?? `match ${node.pattern ?? ""}`);
}

function missingKey(steps: readonly string[], key: string, parent: SchemaNode): Described {
  const node = parent.properties?.[key];
  const issue = {
    path: joinPath([...steps, key]),
    problem: "is missing",
    fix: `under ${joinPath(steps)} write \`${key}: ${node === undefined ? "…" : sample(key, node)}\``,
  };
  return { issue, missing: true };
}

/** YAML to start from, with what must be filled in between angle brackets. */
function sample(key: string, node: SchemaNode): string {
  if (node.type !== "object") return `<${key}>`;
  const needed = Object.entries(node.properties ?? {}).filter(([name]) =>
    node.required?.includes(name),
  );
  return `{ ${needed.map(([name, child]) => `${name}: ${sample(name, child)}`).join(", ")} }`;
}

function wrongType(
  source: string,
  steps: readonly string[],
  value: unknown,
  node: SchemaNode,
): Described {
  if (value === null) {
    return wrong(
      steps,
      `is empty, expected ${expectation(node)}`,
      "write a value, or remove the key",
    );
  }
  if (typeof value === "object" && "secure" in value) {
    return unknownKey(steps, "secure", node);
  }
  const kind = typeof value === "string" ? " (text)" : "";
  const problem = `is ${shown(value)}${kind}, expected ${expectation(node)}`;
  return wrong(steps, problem, typeFix(source, value, node));
}

function typeFix(source: string, value: unknown, node: SchemaNode): string {
  if (node.type === "array" && typeof value !== "object") {
    return `write [${typeof value === "string" ? value : JSON.stringify(value)}]`;
  }
  if (node.type === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return `put it in quotes: "${String(value)}"`;
  }
  if (typeof value === "string" && (node.type === "integer" || node.type === "boolean")) {
    const plain = node.type === "integer" ? /^-?\d+$/ : /^(true|false)$/;
    const what = plain.test(value) ? `${value} without quotes` : expectation(node);
    return `edit ${source} and write ${what}; \`pulumi config set --path\` stores fractions and quoted values as text`;
  }
  return `write ${expectation(node)}`;
}

/** A value as a message shows it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return value === null ? "empty" : "a mapping";
  // JSON would call what is no finite number null.
  if (typeof value === "number") return String(value);
  const isLong = typeof value === "string" && value.length > 60;
  return JSON.stringify(isLong ? `${value.slice(0, 60)}…` : value);
}
