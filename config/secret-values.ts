/** A certificate and its key, as `ingestAuthority` and `ingestCertificate` hold them: PEM. */
export interface CertificateText {
  readonly certificate: string;
  readonly key: string;
}

/** What `text` holds as JSON, if it has the shape; errors of the parser would show the secret, so none leaves here. */
export function parseSecret<T>(
  text: string,
  shape: (value: unknown) => T | undefined,
): T | undefined {
  try {
    return shape(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function certificateText(value: unknown): CertificateText | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { certificate, key } = value as Record<string, unknown>;
  if (typeof certificate !== "string" || typeof key !== "string") return undefined;
  const isPem = certificate.includes("-----BEGIN CERT") && key.includes("PRIVATE KEY-----");
  return isPem ? { certificate, key } : undefined;
}

/** The certificates that an authority is known by, as `ingestAuthority` holds them: its own, and that of the one before. */
export function authorityCertificates(value: unknown): string[] | undefined {
  const text = certificateText(value);
  if (text === undefined) return undefined;
  const { previous } = value as Record<string, unknown>;
  return [text.certificate, ...(typeof previous === "string" ? [previous] : [])];
}

/** Ends the name of a token that a rotation left valid. */
export const previousSuffix = ".previous";

/** What a bearer token may be made of (RFC 6750). The listener's file has one token a line, with its name behind it. */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/;
const tokenName = /^[A-Za-z0-9._-]+$/;

/** Tokens by name; at least one that no rotation has replaced. */
export function tokensText(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  const areTokens = entries.every(
    ([name, token]) => tokenName.test(name) && typeof token === "string" && bearerToken.test(token),
  );
  const hasCurrent = entries.some(([name]) => !name.endsWith(previousSuffix));
  return areTokens && hasCurrent ? (value as Record<string, string>) : undefined;
}

/** Secrets by name, each a text of one line: a header cannot hold more, and a key or password does not. */
export function namedSecrets(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  // Pulumi stores what looks like a number as one.
  const texts = entries.map(([name, text]) => [
    name,
    typeof text === "number" ? String(text) : text,
  ]);
  const areSecrets = texts.every(([, text]) => typeof text === "string" && /^[ -~]+$/.test(text));
  return areSecrets ? (Object.fromEntries(texts) as Record<string, string>) : undefined;
}

/** A text that holds something. */
export function nonEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}
