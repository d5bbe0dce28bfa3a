import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools } from "../../local/tools/ensure.ts";
import { certificateMatches } from "../../secrets/certificates.ts";
import { makeSecrets, type MakeSecretsOptions } from "../../secrets/make.ts";
import { readSecrets, type PulumiCli } from "../../secrets/pulumi-cli.ts";

const checkout = join(import.meta.dirname, "..", "..");
const stack = "prod";
let directory: string;
let pulumi: PulumiCli;
const log: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "secrets-"));
  const tools = await ensureTools(["pulumi"], { log: console.log });
  for (const name of ["state", "home", "project"]) mkdirSync(join(directory, name));
  const project = join(directory, "project");
  for (const file of ["Pulumi.yaml", "Pulumi.prod.yaml"]) {
    cpSync(join(checkout, file), join(project, file));
  }
  const passphraseFile = join(directory, "passphrase");
  writeFileSync(passphraseFile, "correct horse");
  pulumi = {
    binary: tools.pulumi,
    cwd: project,
    env: {
      ...process.env,
      PULUMI_HOME: join(directory, "home"),
      PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const stackFile = () => readFileSync(join(pulumi.cwd, `Pulumi.${stack}.yaml`), "utf8");

function make(options: Partial<MakeSecretsOptions> = {}) {
  return makeSecrets({ stack, pulumi, log: (line) => log.push(line), ...options });
}

/** `npm run secrets`, as a user types it. */
function command(...args: string[]) {
  return spawnSync(
    process.execPath,
    ["--import=tsx", join(checkout, "secrets", "main.ts"), ...args],
    {
      cwd: checkout,
      encoding: "utf8",
      env: { ...pulumi.env, SIGHTLINE_PULUMI: pulumi.binary },
    },
  );
}

/** In the order in which one needs the other. */
const all = [
  "ingestAuthority",
  "ingestCertificate",
  "gatewayCertificate",
  "ingestTokens",
  "grafanaAdminPassword",
] as const;

describe("the secrets of a stack, by the real Pulumi", () => {
  it("are refused while there is no stack, with the command that makes it", async () => {
    await expect(make()).rejects.toThrow("Fix: `pulumi stack init prod` makes the stack");
  });

  it("are made once, encrypted, with the file's own lines left as they are", async () => {
    const lines = stackFile()
      .split("\n")
      .filter((line) => line.startsWith("#"));
    execFileSync(pulumi.binary, ["stack", "init", stack], { cwd: pulumi.cwd, env: pulumi.env });
    expect(await make()).toEqual({
      made: [...all],
      kept: [],
      missing: ["storageAccessKey", "storageSecretKey"],
    });
    const stored = await readSecrets(pulumi, stack);
    const text = stackFile();
    expect(Object.keys(stored).sort()).toEqual([...all].sort());
    for (const value of Object.values(stored)) {
      expect(text).not.toContain(value);
      expect(log.join("\n")).not.toContain(value);
    }
    expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual(lines);
  });

  it("are kept by the next run, which writes nothing", async () => {
    const before = stackFile();
    expect((await make()).made).toEqual([]);
    expect(stackFile()).toBe(before);
  });

  it("are rotated one by one", async () => {
    const before = await readSecrets(pulumi, stack);
    expect((await make({ rotate: ["grafanaAdminPassword"] })).made).toEqual([
      "grafanaAdminPassword",
    ]);
    const after = await readSecrets(pulumi, stack);
    expect(after.grafanaAdminPassword).not.toBe(before.grafanaAdminPassword);
    expect({ ...after, grafanaAdminPassword: "" }).toEqual({ ...before, grafanaAdminPassword: "" });
  });

  it("cannot be read with another passphrase, and nothing is written then", async () => {
    const other = join(directory, "other-passphrase");
    writeFileSync(other, "wrong");
    const before = stackFile();
    const env = { ...pulumi.env, PULUMI_CONFIG_PASSPHRASE_FILE: other };
    await expect(make({ pulumi: { ...pulumi, env }, rotate: ["all"] })).rejects.toThrow(
      "incorrect passphrase. Fix: put the stack's passphrase into a file",
    );
    expect(stackFile()).toBe(before);
  });

  it("can lie in a configuration file elsewhere, as the local cluster's do", async () => {
    const configFile = join(directory, "elsewhere.yaml");
    cpSync(join(checkout, "Pulumi.prod.yaml"), configFile);
    const before = stackFile();
    const elsewhere = { ...pulumi, configFile };
    expect((await make({ pulumi: elsewhere })).made).toEqual([...all]);
    expect(stackFile()).toBe(before);
    expect((await make({ pulumi: elsewhere })).made).toEqual([]);
  });
});

describe("npm run secrets", () => {
  const file = () => join(pulumi.cwd, `Pulumi.${stack}.yaml`);

  it("prints the authority that senders check the ingest by, and nothing else", async () => {
    const { stdout, status } = command(stack, "--print-authority", "--config-file", file());
    const { ingestCertificate = "" } = await readSecrets(pulumi, stack);
    const { certificate, key } = JSON.parse(ingestCertificate) as Record<
      "certificate" | "key",
      string
    >;
    expect(status).toBe(0);
    expect(certificateMatches(stdout, { certificate, privateKey: key })).toBe(true);
    expect(stdout).not.toContain("PRIVATE");
  });

  it("says what it kept", () => {
    const { stdout, status } = command(stack, "--config-file", file());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^kept {5}ingestAuthority: ends on \d{4}-\d\d-\d\d$/m);
    expect(stdout).toMatch(/^missing {2}storageAccessKey: the object store's owner gives it/m);
  });

  it.each([
    [["prod", "--rotate", "storageAccessKey"], 2, "the secret storageAccessKey is unknown"],
    [[], 2, "<stack> is missing. Fix: name <stack>"],
    [["nowhere"], 1, "Pulumi.nowhere.yaml: does not exist."],
    [["prod", "--rotat", "all"], 2, "did you mean --rotate"],
  ])("%j ends with exit code %i and an error in one piece", (args, code, message) => {
    const { stderr, status } = command(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(code);
    expect(stderr).not.toContain("    at ");
  });
});
