import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeSecrets } from "./make.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "make-secrets-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A program in Pulumi's place that takes every secret, and holds `listing` all the same. */
function forgetful(listing: object): string {
  const binary = join(directory, "pulumi");
  const script = `#!/bin/sh\ncat > /dev/null\n[ "$2" = --json ] && echo '${JSON.stringify(listing)}'\nexit 0\n`;
  writeFileSync(binary, script);
  chmodSync(binary, 0o755);
  return binary;
}

it("does not believe in secrets that another run has overwritten", async () => {
  const configFile = join(directory, "Pulumi.test.yaml");
  const platform = {
    environment: "test",
    cluster: { name: "test" },
    collector: { gateway: { public: { enabled: false } } },
    loki: { replicas: 1 },
    tempo: { replicas: 1 },
  };
  writeFileSync(configFile, JSON.stringify({ config: { "sightline:platform": platform } }));
  const binary = forgetful({ "sightline:grafanaAdminPassword": { value: "of another run" } });
  const pulumi = { binary, env: process.env, cwd: directory, configFile };
  const rotating = makeSecrets({
    stack: "test",
    pulumi,
    log: () => undefined,
    rotate: ["grafanaAdminPassword"],
  });
  await expect(rotating).rejects.toThrow(
    new Error(
      "what was just made of stack test is not what it holds: grafanaAdminPassword. Something else has changed its configuration meanwhile. Fix: when that has ended, run `npm run secrets -- test` again",
    ),
  );
});
