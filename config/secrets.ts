/**
 * Every secret that a stack can hold, by its key in the stack's configuration (`<project>:<key>`). They are made once by
 * `npm run secrets`, reach pods as Kubernetes Secrets, and never stand in a generated file.
 */
export const secretKeys = {
  ingestAuthority:
    "Authority that signs the ingest certificate: JSON of `certificate` and `key`, PEM. The program never reads its key.",
  ingestCertificate: "Certificate of the public ingest: JSON of `certificate` and `key`, PEM.",
  ingestTokens:
    "Bearer tokens of the public ingest: JSON of tenant name to token; `<tenant>.previous` is the one before, valid until it is dropped.",
  grafanaAdminPassword: "Password of Grafana's `admin`.",
  storageAccessKey: "Access key of the object store, given by its owner.",
  storageSecretKey: "Secret key of the object store, given by its owner.",
} as const;

export type SecretKey = keyof typeof secretKeys;
