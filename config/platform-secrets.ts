import type { Input } from "@pulumi/pulumi";
import type { SecretKey } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** The secrets that components put into Kubernetes Secrets. Absent is what the settings do not need. */
export interface PlatformSecrets {
  /** Of the public ingest, both PEM. */
  readonly ingestCertificate?: {
    readonly certificate: Input<string>;
    readonly key: Input<string>;
  };
  /** Of the public ingest: name to token. `<tenant>.previous` is a token that a rotation left valid. */
  readonly ingestTokens?: Input<Record<string, string>>;
  readonly grafanaAdminPassword?: Input<string>;
  readonly storageKeys?: { readonly access: Input<string>; readonly secret: Input<string> };
}

/** The secrets without which these settings cannot be deployed. */
export function requiredSecrets(settings: Settings): SecretKey[] {
  const { storage, grafana, collector } = settings;
  const keys: SecretKey[] = [];
  if (collector.gateway.public.enabled) keys.push("ingestCertificate", "ingestTokens");
  if (grafana.enabled) keys.push("grafanaAdminPassword");
  if (storage.kind === "s3" && storage.credentials === "keys") {
    keys.push("storageAccessKey", "storageSecretKey");
  }
  return keys;
}

const placeholder = "placeholder-not-a-secret";

/** Stand-ins for what the settings need: for rendered manifests, which hold no secret and need no passphrase. */
export function placeholderSecrets(settings: Settings): PlatformSecrets {
  const required = new Set(requiredSecrets(settings));
  return {
    ...(required.has("ingestCertificate") && {
      ingestCertificate: { certificate: placeholder, key: placeholder },
    }),
    ...(required.has("ingestTokens") && { ingestTokens: { default: placeholder } }),
    ...(required.has("grafanaAdminPassword") && { grafanaAdminPassword: placeholder }),
    ...(required.has("storageAccessKey") && {
      storageKeys: { access: placeholder, secret: placeholder },
    }),
  };
}
