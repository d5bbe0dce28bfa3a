import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { collectorFiles } from "../config/mounts.ts";
import type { PlatformSecrets } from "../config/platform-secrets.ts";
import { secretData } from "./secrets.ts";

/** Names of the Secrets of the public listener. */
export const ingestSecretNames = {
  tls: "gateway-ingest-tls",
  tokens: "gateway-ingest-tokens",
} as const;

/** The Secrets of the public listener, by name, without their metadata. None where it is off. */
export function ingestSecrets({
  ingestCertificate,
  ingestTokens,
}: Pick<PlatformSecrets, "ingestCertificate" | "ingestTokens">): Record<
  string,
  Pick<types.input.core.v1.Secret, "type" | "data">
> {
  if (ingestCertificate === undefined || ingestTokens === undefined) return {};
  const { certificate, key } = ingestCertificate;
  const tokens = pulumi.output(ingestTokens).apply(tokenLines);
  return {
    [ingestSecretNames.tls]: {
      type: "kubernetes.io/tls",
      data: secretData({ "tls.crt": certificate, "tls.key": key }),
    },
    [ingestSecretNames.tokens]: {
      type: "Opaque",
      data: secretData({ [basename(collectorFiles.ingestTokens)]: tokens }),
    },
  };
}

/** One token a line, with its owner's name after it; sorted, so that equal tokens give equal bytes. */
export function tokenLines(tokens: Readonly<Record<string, string>>): string {
  const owners = Object.keys(tokens).sort();
  return owners.map((owner) => `${tokens[owner] ?? ""} ${owner}\n`).join("");
}
