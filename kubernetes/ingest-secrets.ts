import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { collectorFiles } from "../config/mounts.ts";
import type { CertificateSecret, PlatformSecrets } from "../config/platform-secrets.ts";
import { secretData } from "./secrets.ts";

/** Names of the Secrets of the public listener. */
export const ingestSecretNames = {
  tls: "gateway-ingest-tls",
  tokens: "gateway-ingest-tokens",
} as const;

/** The Secrets that are made for the public listener, by name, without their metadata. */
export function ingestSecrets({
  ingestCertificate,
  ingestTokens,
}: Pick<PlatformSecrets, "ingestCertificate" | "ingestTokens">): Record<
  string,
  Pick<types.input.core.v1.Secret, "type" | "data">
> {
  return {
    ...(ingestCertificate && { [ingestSecretNames.tls]: tlsSecretContent(ingestCertificate) }),
    ...(ingestTokens && {
      [ingestSecretNames.tokens]: {
        type: "Opaque",
        data: secretData({
          [basename(collectorFiles.ingestTokens)]: pulumi.output(ingestTokens).apply(tokenLines),
        }),
      },
    }),
  };
}

/** A Secret with a certificate, as cert-manager and every server that reads one have it. */
export function tlsSecretContent({
  certificate,
  key,
}: CertificateSecret): Pick<types.input.core.v1.Secret, "type" | "data"> {
  const data = secretData({ "tls.crt": certificate, "tls.key": key });
  return { type: "kubernetes.io/tls", data };
}

/** One token a line, with its owner's name after it; sorted, so that equal tokens give equal bytes. */
export function tokenLines(tokens: Readonly<Record<string, string>>): string {
  const owners = Object.keys(tokens).sort();
  return owners.map((owner) => `${tokens[owner] ?? ""} ${owner}\n`).join("");
}
