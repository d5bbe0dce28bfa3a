import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSecrets, writeSecret, type PulumiCli } from "./pulumi-cli.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-cli-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A program in Pulumi's place: notes how it was called, then does what `body` says. */
function standIn(body: string): PulumiCli {
  const binary = join(directory, "pulumi");
  const script = `#!/bin/sh\necho "$@" > '${directory}/arguments'\ncat > '${directory}/input'\n${body}\n`;
  writeFileSync(binary, script);
  chmodSync(binary, 0o755);
  return { binary, env: process.env, cwd: directory, configFile: "/stacks/Pulumi.test.yaml" };
}

const noted = (name: string) => readFileSync(join(directory, name), "utf8");

describe("writeSecret", () => {
  it("gives the value by standard input, never as an argument", async () => {
    await writeSecret(standIn("exit 0"), "test", "grafanaAdminPassword", "hunter2");
    expect(noted("input")).toBe("hunter2");
    expect(noted("arguments").trim()).toBe(
      "config set --secret sightline:grafanaAdminPassword --stack test --non-interactive --color never --config-file /stacks/Pulumi.test.yaml",
    );
  });

  it("hides the value where Pulumi's own error repeats it", async () => {
    const cli = standIn("echo 'error: cannot encrypt hunter2' >&2; exit 1");
    await expect(writeSecret(cli, "test", "grafanaAdminPassword", "hunter2")).rejects.toThrow(
      new Error(
        "`pulumi config set --secret sightline:grafanaAdminPassword` failed for stack test: cannot encrypt [secret]. Fix: make this command work, then run this again: what was stored stays",
      ),
    );
  });

  it("survives a Pulumi that ends before it reads", async () => {
    const cli = standIn("");
    writeFileSync(cli.binary, "#!/bin/sh\nexec <&-\nexit 3\n");
    const value = "x".repeat(1_000_000);
    await expect(writeSecret(cli, "test", "ingestTokens", value)).rejects.toThrow(
      /^`pulumi config set --secret sightline:ingestTokens` failed for stack test: /,
    );
  });
});

describe("readSecrets", () => {
  it("gives the secrets by their keys, and nothing else of the configuration", async () => {
    const listing = {
      "sightline:platform": { value: "{}", secret: false },
      "sightline:ingestTokens": { value: '{"default":"t"}', secret: true },
      "other:ingestTokens": { value: "no", secret: true },
    };
    const cli = standIn(`echo '${JSON.stringify(listing)}'`);
    expect(await readSecrets(cli, "test")).toEqual({ ingestTokens: '{"default":"t"}' });
  });

  it("does not show what it cannot read", async () => {
    await expect(readSecrets(standIn("echo hunter2"), "test")).rejects.toThrow(
      new Error(
        "`pulumi config --json` printed something that is no JSON. Fix: use the Pulumi version of the README",
      ),
    );
  });

  it("says how to get Pulumi where there is none", async () => {
    const cli = { ...standIn(""), binary: "/nowhere/pulumi" };
    await expect(readSecrets(cli, "test")).rejects.toThrow(
      new Error(
        "Pulumi cannot be started as /nowhere/pulumi (ENOENT). Fix: install Pulumi, or name its program in SIGHTLINE_PULUMI",
      ),
    );
  });

  it.each([
    [
      "no stack named 'test' found",
      "`pulumi stack init test` makes the stack; then run this again",
    ],
    [
      "incorrect passphrase",
      "put the stack's passphrase into a file and its path into PULUMI_CONFIG_PASSPHRASE_FILE",
    ],
    [
      "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      "`pulumi login`, or PULUMI_BACKEND_URL with the place of the state",
    ],
  ])("%s: says what to do", async (said, fix) => {
    const cli = standIn(`echo "error: ${said}" >&2; exit 255`);
    await expect(readSecrets(cli, "test")).rejects.toThrow(
      new Error(
        `\`pulumi config --json --show-secrets\` failed for stack test: ${said}. Fix: ${fix}`,
      ),
    );
  });
});
