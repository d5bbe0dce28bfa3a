import type { types } from "@pulumi/kubernetes";
import { RunError, type Input, type Output } from "@pulumi/pulumi";
import type { PlatformSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { secretChecksum, secretData } from "./secrets.ts";

/** Keys of the object store. */
export type StorageKeys = NonNullable<PlatformSecrets["storageKeys"]>;

const checksumAnnotation = "sightline.dev/storage-keys-checksum";

/** The keys where these settings need them; throws with what to do where they are missing. */
export function neededStorageKeys(
  { kind, credentials }: Settings["storage"],
  keys: StorageKeys | undefined,
): StorageKeys | undefined {
  if (kind !== "s3" || credentials !== "keys") return undefined;
  if (keys !== undefined) return keys;
  throw new RunError(
    "the object store's keys are missing, but platform.storage.credentials is keys. Fix: set the secrets storageAccessKey and storageSecretKey, or set credentials: identity",
  );
}

/** Content of the Secret with the keys: variables that every client of S3 looks at. */
export function storageKeyData(keys: StorageKeys): Output<Record<string, string>> {
  return secretData({ AWS_ACCESS_KEY_ID: keys.access, AWS_SECRET_ACCESS_KEY: keys.secret });
}

/** Those variables, from that Secret. */
export function storageKeyEnv(secretName: string): types.input.core.v1.EnvVar[] {
  return ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  }));
}

/** Rolls the pods when the keys change: variables are read at a start only. */
export function storageKeyAnnotations(keys: StorageKeys): Record<string, Input<string>> {
  return { [checksumAnnotation]: secretChecksum({ ...keys }) };
}
