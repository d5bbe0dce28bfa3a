import type { Input } from "@pulumi/pulumi";
import type { TokenHash } from "./ingest-tokens.ts";
import { fanOutSecretUses } from "./fan-out.ts";
import type { SecretKey } from "./secrets.ts";
import { hasBalancer } from "./balancing.ts";
import type { Settings } from "./settings.ts";

/** A certificate and its key, both PEM. */
export interface CertificateSecret {
  readonly certificate: Input<string>;
  readonly key: Input<string>;
}

/** The secrets that components put into Kubernetes Secrets. Absent is what the settings do not need. */
export interface PlatformSecrets {
  /** What senders outside see. */
  readonly ingestCertificate?: CertificateSecret;
  /** What the balancer sees of the gateways. */
  readonly gatewayCertificate?: CertificateSecret;
  /** The authorities by which the balancer checks that, PEM. No secret. */
  readonly gatewayAuthorities?: string;
  /** Of the public ingest: name to token. `<tenant>.previous` is a token that a rotation left valid. */
  readonly ingestTokens?: Input<Record<string, string>>;
  /** Of those tokens. No secret: they stand in the gateways' configuration. */
  readonly tokenHashes?: readonly TokenHash[];
  readonly grafanaAdminPassword?: Input<string>;
  /** Of the fan-out's targets, by the names that their settings have for them. */
  readonly fanOut?: Readonly<Record<string, Input<string>>>;
  readonly storageKeys?: { readonly access: Input<string>; readonly secret: Input<string> };
}

/** The secrets without which these settings cannot be deployed. */
export function requiredSecrets(settings: Settings): SecretKey[] {
  const { storage, grafana, collector } = settings;
  const keys: SecretKey[] = [];
  const { enabled, tlsSecret } = collector.gateway.public;
  if (hasBalancer(settings)) keys.push("ingestAuthority", "gatewayCertificate");
  if (enabled && tlsSecret === undefined) keys.push("ingestCertificate");
  if (enabled) keys.push("ingestTokens");
  if (grafana.enabled) keys.push("grafanaAdminPassword");
  if (storage.kind === "s3" && storage.credentials === "keys") {
    keys.push("storageAccessKey", "storageSecretKey");
  }
  if (fanOutSecretUses(settings).size > 0) keys.push("fanOutSecrets");
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
    ...(required.has("gatewayCertificate") && {
      gatewayCertificate: { certificate: placeholder, key: placeholder },
      gatewayAuthorities: `${placeholder}\n`,
    }),
    ...(required.has("ingestTokens") && {
      ingestTokens: Object.fromEntries(settings.tenants.map((tenant) => [tenant, placeholder])),
      tokenHashes: settings.tenants.map((tenant) => ({
        tenant,
        sha256: `${placeholder}-${tenant}`,
      })),
    }),
    ...(required.has("grafanaAdminPassword") && { grafanaAdminPassword: placeholder }),
    ...(required.has("storageAccessKey") && {
      storageKeys: { access: placeholder, secret: placeholder },
    }),
    ...(required.has("fanOutSecrets") && {
      fanOut: Object.fromEntries(
        [...fanOutSecretUses(settings).keys()].map((name) => [name, placeholder]),
      ),
    }),
  };
}
