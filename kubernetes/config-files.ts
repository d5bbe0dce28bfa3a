import { createHash } from "node:crypto";

/** Name of the pod template's annotation that changes when a mounted file does, so that pods roll exactly then. */
export const checksumAnnotation = "sightline.dev/config-checksum";

/** Checksum of files by name: the same whatever order they were written in. */
export function filesChecksum(files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(files).sort()) {
    hash.update(`${name}\0${files[name] ?? ""}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}
