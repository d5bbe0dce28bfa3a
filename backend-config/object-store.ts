import type { Settings } from "../config/settings.ts";

/** An object store as both Loki and Tempo want it said. */
export interface ObjectStore {
  /** `host` or `host:port`; the scheme is said by `insecure`. */
  readonly endpoint: string;
  readonly region: string;
  readonly insecure: boolean;
}

/**
 * Where the buckets are. No credentials: both servers find keys in the usual AWS variables, which come from a Secret,
 * and without them take the identity that the cloud gives their pods.
 */
export function objectStore(storage: Settings["storage"]): ObjectStore {
  const { endpoint, region } = storage;
  if (endpoint === undefined) return { endpoint: awsHost(region), region, insecure: false };
  const { host, protocol } = new URL(endpoint);
  return { endpoint: host, region, insecure: protocol === "http:" };
}

function awsHost(region: string): string {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `s3.${region}.${domain}`;
}

/** The bucket, which the rules have seen to be there; a program that skips them fails here and not in a pod. */
export function bucketName(
  storage: Settings["storage"],
  key: "lokiBucket" | "tempoBucket",
): string {
  const bucket = storage[key];
  if (bucket === undefined) {
    throw new Error(
      `platform.storage.${key} is missing. Fix: name the bucket, or set kind: volume`,
    );
  }
  return bucket;
}
