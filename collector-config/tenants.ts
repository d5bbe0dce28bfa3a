import { entranceAttribute, tenantAttribute } from "../config/attributes.ts";
import type { TokenHash } from "../config/ingest-tokens.ts";
import type { ConfigMap, Processor } from "./model.ts";

/**
 * What nobody outside may say, as a resource's, a scope's or a record's attribute: backends read all three under one name,
 * in which they write whatever is no letter or digit as an underscore.
 */
export const pretenderPattern = "^sightline[^a-zA-Z0-9]+(tenant|entrance)$";

const forgetPretenders = (context: string) =>
  `delete_matching_keys(${context}.attributes, ${quoted(pretenderPattern)})`;

/** Contexts below the resource, by the section of the transform processor. */
const recordContexts = {
  log_statements: ["scope", "log"],
  metric_statements: ["scope", "datapoint"],
  trace_statements: ["scope", "span", "spanevent"],
} as const;

const header = `otelcol.client.metadata["authorization"][0]`;
const tokenInCache = `resource.cache["token"]`;
const tenant = `resource.attributes[${quoted(tenantAttribute)}]`;

/**
 * Writes the token's tenant on what comes with it. The token extension says only that a token is good, not whose it is; its
 * header is looked at here, while the request is at hand. A token that the extension takes and this list does not know
 * can only be there while both change: such a request fails as a whole, and its sender sends it again.
 */
export function tenantOfToken(hashes: readonly TokenHash[]): Processor {
  return named("tenant", [
    `set(${tokenInCache}, SHA256(${header}))`,
    ...hashes.map(
      ({ tenant: owner, sha256 }) =>
        `set(${tenant}, ${quoted(owner)}) where ${tokenInCache} == ${quoted(sha256)}`,
    ),
    // The one way in which a statement can fail on purpose.
    `set(${tenant}, ParseJSON("this gateway does not know yet whose the token is")) where ${tenant} == nil`,
  ]);
}

/** Writes the one tenant that browsers send for, and that they are browsers. */
export function browserOf(owner: string): Processor {
  return named("browser", [
    `set(${tenant}, ${quoted(owner)})`,
    `set(resource.attributes[${quoted(entranceAttribute)}], "browser")`,
  ]);
}

function named(purpose: string, onResource: readonly string[]): Processor {
  const resource = {
    context: "resource",
    statements: [forgetPretenders("resource"), ...onResource],
  };
  const sections = Object.entries(recordContexts).map(([section, contexts]) => [
    section,
    [
      resource,
      ...contexts.map((context) => ({ context, statements: [forgetPretenders(context)] })),
    ],
  ]);
  return {
    kind: "processor",
    name: "transform",
    purpose,
    config: { error_mode: "propagate", ...(Object.fromEntries(sections) as ConfigMap) },
  };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
