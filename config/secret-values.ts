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

/** Tokens by name; at least one, and none of them empty. */
export function tokensText(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  const areTokens = entries.every(([, token]) => typeof token === "string" && token !== "");
  return areTokens && entries.length > 0 ? (value as Record<string, string>) : undefined;
}
