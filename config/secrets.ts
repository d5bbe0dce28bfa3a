/**
 * Every secret that a stack can hold, by its key in the stack's configuration (`<project>:<key>`). They are made once by
 * `npm run secrets`, reach pods as Kubernetes Secrets, and never stand in a generated file.
 */
export const secretKeys = {
  ingestAuthority:
    "Authority that signs both certificates of the ingest: JSON of `certificate` and `key`, PEM, and after a rotation the `previous` certificate. The program never reads its key.",
  ingestCertificate:
    "Certificate that senders outside see: JSON of `certificate` and `key`, PEM. It may be your own.",
  gatewayCertificate:
    "Certificate by which the gateways show themselves to the balancer: JSON of `certificate` and `key`, PEM.",
  ingestTokens:
    "Bearer tokens of the public ingest: JSON of tenant to token, one for each of `platform.tenants`; `<tenant>.previous` is the one before, valid until it is dropped. Their SHA-256 stands in the gateways' configuration, so one of your own must be as hard to guess as 256 random bits.",
  grafanaAdminPassword: "Password of Grafana's `admin`.",
  storageAccessKey: "Access key of the object store, given by its owner.",
  storageSecretKey: "Secret key of the object store, given by its owner.",
  fanOutSecrets:
    "Headers, passwords and keys of the targets of `platform.collector.fanOut`, each under the name that the target's settings have for it.",
} as const;

export type SecretKey = keyof typeof secretKeys;

/** Stores one secret of the fan-out. */
export function fanOutCommand(name: string, stack: string): string {
  return `pulumi config set --secret --path fanOutSecrets.${name} --stack ${stack}`;
}
