import { patternWords } from "../config/expectations.ts";
import { rules } from "../config/rules.ts";
import { schemaKeys, schemaRoot, type SchemaKey, type SchemaNode } from "../config/schema-keys.ts";
import { fanOutCommand, secretKeys, type SecretKey } from "../config/secrets.ts";
import { derivations } from "../config/workload.ts";

/** Endings of keys, which name the unit. */
const units: readonly (readonly [string, string])[] = [
  ["KiB", "KiB"],
  ["MiB", "MiB"],
  ["GiB", "GiB"],
  ["Bytes", "bytes"],
  ["Millicores", "thousandths of a core"],
  ["Percent", "%"],
  ["percentage", "%"],
  ["Ms", "milliseconds"],
  ["SpansPerSecond", "spans a second"],
  ["PerSecondPerToken", "requests a second"],
  ["PerSecondPerSource", "requests a second"],
  ["maxConnections", "connections"],
  ["ConnectionsPerSource", "connections"],
  ["logsPerSecond", "logs a second"],
  ["spansPerSecond", "spans a second"],
  ["PointsPerSecond", "points a second"],
  ["series", "series"],
  ["spansPerTrace", "spans"],
  ["Factor", "times"],
  ["Seconds", "seconds"],
  ["Minutes", "minutes"],
  ["Days", "days"],
  ["Records", "records"],
  ["Traces", "traces"],
  ["Exemplars", "exemplars"],
];

/** When a stack cannot be deployed without the secret. */
const neededWhen: Record<SecretKey, string> = {
  ingestAuthority: "the stack has a balancer of its own, or `npm run secrets` issues a certificate",
  ingestCertificate: "`collector.gateway.public.enabled`, without a `tlsSecret`",
  gatewayCertificate: "the stack has a balancer of its own",
  ingestTokens: "`collector.gateway.public.enabled`",
  grafanaAdminPassword: "`grafana.enabled`",
  storageAccessKey: "`storage.kind` is s3 and `storage.credentials` keys",
  storageSecretKey: "`storage.kind` is s3 and `storage.credentials` keys",
  fanOutSecrets: "a target of `collector.fanOut` names one of them",
};

const intro = `# Configuration

<!-- Made from config/schema.ts, config/secrets.ts and config/rules.ts by \`npm run docs\`. -->

A stack's whole configuration is the key \`sightline:platform\` in \`Pulumi.<stack>.yaml\`. The defaults are production's; a stack file
holds only what differs. \`Pulumi.dev.yaml\` and \`Pulumi.prod.yaml\` are complete examples.

- One value from the command line: \`pulumi config set --path platform.loki.retentionDays 14\`. It stores whole numbers and
  true or false as such, everything else as text.
- Every mistake is listed at once, before anything is changed: unknown keys, wrong types, values out of range and the rules below.
- A default of **derived** is calculated from other values in \`config/sizing.ts\`, from \`workload\` in \`config/workload.ts\`; writing the key overrides it.
`;

/** All of docs/configuration.md. */
export function configurationPage(): string {
  const parts = [intro, ...sections(), workloadSection(), secretsSection(), rulesSection()];
  return `${parts.join("\n").trimEnd()}\n`;
}

function sections(): string[] {
  const keys = schemaKeys();
  const objects = [
    { path: "platform", node: schemaRoot },
    ...keys.filter(({ node }) => node.properties !== undefined),
  ];
  return objects.flatMap(({ path, node }) => {
    const own = keys.filter((key) => isChild(path, key.path) && key.node.properties === undefined);
    const lines = [`## ${path}`, "", node.description ?? "", ""];
    if (own.length === 0) return lines;
    const head = ["key", "type", "allowed", "default", "unit", "what and why"];
    return [...lines, ...table(head, own.map(keyRow)), ""];
  });
}

function isChild(parent: string, path: string): boolean {
  return path.startsWith(`${parent}.`) && !path.slice(parent.length + 1).includes(".");
}

function keyRow(key: SchemaKey): string[] {
  const { path, node } = key;
  return [
    code(path.replace(/^platform\./, "")),
    typeOf(node),
    allowed(node),
    defaultOf(key),
    unitOf(path, node),
    node.description ?? "",
  ];
}

function typeOf(node: SchemaNode): string {
  if (node.type === "array") return listOf(node.items);
  if (node.type === "object") return isByName(node) ? "mapping by name" : "mapping of text to text";
  if (node.type === "integer") return "whole number";
  return node.type === "string" ? "text" : node.type;
}

function listOf(items: SchemaNode | undefined): string {
  if (items?.type === "object") return "list of entries, below";
  return items?.type === "integer" ? "list of whole numbers" : "list of text";
}

/** Whether the user gives names to things that have keys of their own. */
function isByName({ additionalProperties }: SchemaNode): boolean {
  return typeof additionalProperties === "object" && additionalProperties.properties !== undefined;
}

function allowed(node: SchemaNode): string {
  if (node.propertyNames !== undefined) return allowed(node.propertyNames);
  if (node.type === "array" && node.items !== undefined) return allowed(node.items);
  if (node.enum !== undefined) return node.enum.map(code).join(", ");
  if (node.type === "integer") return `${node.minimum ?? ""} to ${node.maximum ?? ""}`;
  if (node.type === "boolean") return "`true`, `false`";
  const lengths =
    node.minLength !== undefined && node.maxLength !== undefined
      ? [`${node.minLength} to ${node.maxLength} characters`]
      : [];
  const form =
    node.pattern === undefined
      ? []
      : [`${patternWords[node.pattern]?.expected ?? "text"} by ${code(node.pattern)}`];
  return [...lengths, ...form].join(", ");
}

/** What holds when the key is not written. */
export function defaultOf({ node, required }: SchemaKey): string {
  if (required) return "**needed**";
  if (node.default !== undefined) return code(JSON.stringify(node.default).replaceAll('"', ""));
  const description = node.description ?? "";
  if (description.includes("Derived: ")) return "**derived**";
  const condition = /Needed with (`[^`]+`)/.exec(description)?.[1];
  return condition === undefined ? "none" : `**needed** with ${condition}`;
}

function unitOf(path: string, node: SchemaNode): string {
  if (node.type !== "integer") return "";
  return units.find(([ending]) => path.endsWith(ending))?.[1] ?? "";
}

function workloadSection(): string {
  const rows = derivations.map(({ path, how }) => [code(path.replace(/^platform\./, "")), how]);
  const lead =
    "With `platform.workload` these are not their defaults, but follow from it, unless they are written. `sizing.md`, which `npm run render` writes, shows them as numbers, and what was written in their place.";
  return [
    "## What follows from the workload",
    "",
    lead,
    "",
    ...table(["key", "how"], rows),
    "",
  ].join("\n");
}

function secretsSection(): string {
  const rows = (Object.keys(secretKeys) as SecretKey[]).map((key) => {
    return [code(`sightline:${key}`), neededWhen[key], code(storedBy(key)), secretKeys[key]];
  });
  const lead =
    "Secrets have keys of their own in the same file, encrypted by Pulumi. The first ones are made once, by `npm run secrets -- <stack>`, which keeps what is there, renews a certificate in its last 30 days, and makes one anew with `--rotate <name>`.";
  return [
    "## Secrets",
    "",
    lead,
    "",
    ...table(["key", "needed when", "stored by", "what"], rows),
    "",
  ].join("\n");
}

function storedBy(key: SecretKey): string {
  if (key === "fanOutSecrets") return fanOutCommand("<name>", "<stack>");
  return key.startsWith("storage")
    ? `pulumi config set --secret ${key}`
    : "npm run secrets -- <stack>";
}

function rulesSection(): string {
  const rows = rules.map(({ name, why }) => [code(name), why]);
  const lead = "What must hold between several keys, and what goes wrong without it.";
  return ["## Rules", "", lead, "", ...table(["rule", "why"], rows), ""].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

function code(text: string): string {
  return `\`${text}\``;
}
