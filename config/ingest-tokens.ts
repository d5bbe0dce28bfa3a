import { createHash } from "node:crypto";
import { previousSuffix } from "./secret-values.ts";

/** What a collector knows of a token: whose it is, and what the header that carries it looks like once it is hashed. */
export interface TokenHash {
  readonly tenant: string;
  /** SHA-256, hexadecimal, of the whole header: `Bearer <token>`. */
  readonly sha256: string;
}

/** Tokens by owner: a tenant's name, or `<tenant>.previous` for one that a rotation left valid. */
export type IngestTokens = Readonly<Record<string, string>>;

/** Whose a token is, by the name that it is stored under. */
export function tenantOf(owner: string): string {
  return owner.endsWith(previousSuffix) ? owner.slice(0, -previousSuffix.length) : owner;
}

/** The tokens that are taken: a tenant that the stack no longer names has none. */
export function tokensInForce(
  tokens: IngestTokens,
  tenants: readonly string[],
): Record<string, string> {
  const known = new Set(tenants);
  const entries = Object.entries(tokens).filter(([owner]) => known.has(tenantOf(owner)));
  return Object.fromEntries(entries);
}

/** What is wrong with the tokens of a stack that has these tenants; nothing where each has one of its own. */
export function tokensProblem(
  tokens: IngestTokens,
  tenants: readonly string[],
): string | undefined {
  const without = tenants.filter((tenant) => tokens[tenant] === undefined);
  if (without.length > 0) return `holds no token of ${without.join(", ")}`;
  const owners = new Map<string, string>();
  for (const [owner, token] of Object.entries(tokensInForce(tokens, tenants))) {
    const other = owners.get(token);
    if (other !== undefined && tenantOf(other) !== tenantOf(owner)) {
      return `gives ${tenantOf(other)} and ${tenantOf(owner)} the same token, so that nobody could tell them apart`;
    }
    owners.set(token, owner);
  }
  return undefined;
}

/** The hashes of tokens, sorted by owner, so that equal tokens give equal bytes. */
export function tokenHashes(tokens: IngestTokens): TokenHash[] {
  return Object.entries(tokens)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([owner, token]) => ({
      tenant: tenantOf(owner),
      sha256: createHash("sha256").update(`Bearer ${token}`).digest("hex"),
    }));
}
