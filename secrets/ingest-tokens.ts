import { randomBytes } from "node:crypto";
import { tenantOf, type IngestTokens } from "../config/ingest-tokens.ts";
import { previousSuffix } from "../config/secret-values.ts";

/** What is asked about a stack's tokens. */
export interface TokensRequest {
  readonly stack: string;
  readonly tenants: readonly string[];
  /** What the stack holds; nothing at first. */
  readonly held: IngestTokens | undefined;
  /** Tenants whose token is made anew. */
  readonly rotate: readonly string[];
  readonly dropOld: boolean;
}

/** The tokens to be stored, and what a person should know of them. */
export interface PlannedTokens {
  readonly tokens: IngestTokens;
  readonly notes: readonly string[];
}

/**
 * One token for each tenant. A rotated one leaves the one before valid, so that senders can be given the new one while
 * both are taken; `dropOld` ends those, and the tokens of tenants that the stack no longer names.
 */
export function planTokens(request: TokensRequest): PlannedTokens {
  const { tenants, held = {}, rotate, dropOld } = request;
  const strange = rotate.find((tenant) => !tenants.includes(tenant));
  if (strange !== undefined) {
    throw new Error(
      `there is no tenant ${strange} to rotate the token of. Fix: name one of platform.tenants, which are ${tenants.join(", ")}`,
    );
  }
  const current = tenants.map((tenant) => {
    const kept = rotate.includes(tenant) ? undefined : held[tenant];
    return [tenant, kept ?? randomToken()] as const;
  });
  const previous = tenants.flatMap((tenant) => {
    const name = tenant + previousSuffix;
    const token = rotate.includes(tenant) ? held[tenant] : held[name];
    return token === undefined ? [] : [[name, token] as const];
  });
  const foreign = Object.entries(held).filter(([owner]) => !tenants.includes(tenantOf(owner)));
  const old = dropOld ? [] : [...previous, ...foreign];
  return {
    tokens: Object.fromEntries([...current, ...old]),
    notes: notes(request, previous.length > 0, [
      ...new Set(foreign.map(([owner]) => tenantOf(owner))),
    ]),
  };
}

function notes(
  { stack, tenants, held, rotate, dropOld }: TokensRequest,
  hasPrevious: boolean,
  foreign: readonly string[],
): string[] {
  const drop = `\`npm run secrets -- ${stack} --drop-old\``;
  const added = tenants.filter((tenant) => held?.[tenant] === undefined);
  const isNew = added.length > 0 || rotate.length > 0;
  return [
    `valid: ${tenants.join(", ")}`,
    ...(added.length > 0 ? [`made for ${added.join(", ")}`] : []),
    ...(isNew
      ? [
          "give a new one to its senders once `pulumi up` has ended: no gateway takes it before",
          `\`pulumi config get ingestTokens --stack ${stack}\` shows them`,
        ]
      : []),
    ...(hasPrevious && dropOld ? ["the ones before end with the next `pulumi up`"] : []),
    ...(hasPrevious && !dropOld
      ? [`the ones before the last rotation are taken, too, until ${drop}`]
      : []),
    ...(foreign.length > 0
      ? [
          `no longer taken: ${foreign.join(", ")}, whom platform.tenants does not name${dropOld ? "" : `; ${drop} removes them`}`,
        ]
      : []),
  ];
}

/** 256 random bits, of letters that need no quotes in a shell, a URL or a header. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}
