import { spawn } from "node:child_process";
import { secretKeys, type SecretKey } from "../config/secrets.ts";
import { projectName } from "../config/stack-keys.ts";

/** How to call Pulumi for one stack. */
export interface PulumiCli {
  /** A path, or a name to look for on the PATH. */
  readonly binary: string;
  /** Names the state's backend and the passphrase; Pulumi reads nothing else for them. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder of Pulumi.yaml. */
  readonly cwd: string;
  /** The stack's configuration, absolute; without it, `Pulumi.<stack>.yaml` in `cwd`. */
  readonly configFile?: string;
}

export type StoredSecrets = Partial<Record<SecretKey, string>>;

const timeoutMilliseconds = 120_000;

/** The secrets that the stack holds, decrypted. */
export async function readSecrets(cli: PulumiCli, stack: string): Promise<StoredSecrets> {
  const output = await run(cli, stack, ["config", "--json", "--show-secrets"]);
  const entries = parseListing(output);
  const stored: StoredSecrets = {};
  for (const key of Object.keys(secretKeys) as SecretKey[]) {
    const value = entries[`${projectName}:${key}`]?.value;
    if (value !== undefined) stored[key] = value;
  }
  return stored;
}

/** Stores one secret, encrypted. It goes in by standard input: arguments can be seen by every user of the machine. */
export async function writeSecret(
  cli: PulumiCli,
  stack: string,
  key: SecretKey,
  value: string,
): Promise<void> {
  await run(cli, stack, ["config", "set", "--secret", `${projectName}:${key}`], value);
}

function parseListing(output: string): Record<string, { value?: string } | undefined> {
  try {
    return JSON.parse(output) as Record<string, { value?: string } | undefined>;
  } catch {
    // The parser's own error would show what it could not read.
    throw new Error(
      "`pulumi config --json` printed something that is no JSON. Fix: use the Pulumi version of the README",
    );
  }
}

async function run(
  cli: PulumiCli,
  stack: string,
  command: readonly string[],
  input = "",
): Promise<string> {
  const configFile = cli.configFile === undefined ? [] : ["--config-file", cli.configFile];
  const args = [...command, "--stack", stack, "--non-interactive", "--color", "never"];
  return new Promise((resolve, reject) => {
    const child = spawn(cli.binary, [...args, ...configFile], {
      cwd: cli.cwd,
      env: cli.env,
      timeout: timeoutMilliseconds,
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", (cause) => {
      reject(startError(cli.binary, cause));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(failure(command, stack, signal ?? "", hide(errors, input)));
    });
    // Pulumi may end before it reads; its exit says why, a broken pipe does not.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function startError(binary: string, cause: Error): Error {
  const problem = `Pulumi cannot be started as ${binary} (${(cause as NodeJS.ErrnoException).code ?? cause.message})`;
  const fix = "install Pulumi, or name its program in SIGHTLINE_PULUMI";
  return new Error(`${problem}. Fix: ${fix}`, { cause });
}

function hide(text: string, secret: string): string {
  return secret === "" ? text : text.replaceAll(secret, "[secret]");
}

function failure(command: readonly string[], stack: string, signal: string, errors: string): Error {
  const said = errors.trim().replace(/^error: /, "");
  const problem =
    signal === "" ? said : `it was ended by ${signal}${said === "" ? "" : `: ${said}`}`;
  const line = `\`pulumi ${command.join(" ")}\` failed for stack ${stack}: ${problem}`;
  return new Error(`${line}. Fix: ${failureFix(stack, said)}`);
}

function failureFix(stack: string, said: string): string {
  if (said.includes("no stack named")) {
    return `\`pulumi stack init ${stack}\` makes the stack; then run this again`;
  }
  if (said.includes("passphrase")) {
    return "put the stack's passphrase into a file and its path into PULUMI_CONFIG_PASSPHRASE_FILE";
  }
  if (said.includes("PULUMI_ACCESS_TOKEN") || said.includes("login")) {
    return "`pulumi login`, or PULUMI_BACKEND_URL with the place of the state";
  }
  return "make this command work, then run this again: what was stored stays";
}
