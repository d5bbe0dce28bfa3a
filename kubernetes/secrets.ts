import { createHash, scryptSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

export type SecretFiles = Readonly<Record<string, pulumi.Input<string>>>;

/** `data` of a Secret. It stays a secret on the way, whatever its parts were. */
export function secretData(files: SecretFiles): pulumi.Output<Record<string, string>> {
  return pulumi.secret(
    pulumi
      .output(files)
      .apply((texts) =>
        Object.fromEntries(
          Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString("base64")]),
        ),
      ),
  );
}

/**
 * Changes when a secret does, for pods that read it only at their start. Not a secret itself, so that the pod template
 * stays readable in a preview; what it is made of must be too random to guess.
 */
export function secretChecksum(files: SecretFiles): pulumi.Output<string> {
  const checksum = pulumi.output(files).apply((texts) =>
    createHash("sha256")
      .update(JSON.stringify(Object.entries(texts).sort()))
      .digest("hex")
      .slice(0, 16),
  );
  return pulumi.unsecret(checksum);
}

/** The same for secrets that a person may have chosen: trying out what could have this checksum takes too long. */
export function slowSecretChecksum(files: SecretFiles): pulumi.Output<string> {
  const checksum = pulumi.output(files).apply((texts) => {
    const text = JSON.stringify(Object.entries(texts).sort());
    // 64 MiB and about a quarter of a second for each try.
    return scryptSync(text, "sightline", 8, { N: 2 ** 16, maxmem: 2 ** 27 }).toString("hex");
  });
  return pulumi.unsecret(checksum);
}
