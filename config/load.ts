import * as pulumi from "@pulumi/pulumi";
import { fanOutSecretUses } from "./fan-out.ts";
import { tokenHashes, tokensInForce, tokensProblem } from "./ingest-tokens.ts";
import { ConfigError, type ConfigIssue } from "./issue.ts";
import { parseConfig } from "./parse.ts";
import {
  requiredSecrets,
  type CertificateSecret,
  type PlatformSecrets,
} from "./platform-secrets.ts";
import {
  authorityCertificates,
  certificateText,
  namedSecrets,
  nonEmpty,
  parseSecret,
  tokensText,
  type CertificateText,
} from "./secret-values.ts";
import { fanOutCommand, type SecretKey } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { platformKey, projectName, stackKeyIssues } from "./stack-keys.ts";

/** Everything that the program is told from outside. */
export interface Loaded {
  readonly settings: Settings;
  readonly secrets: PlatformSecrets;
}

/** Reads the stack's configuration and secrets. Whatever is wrong ends as one `pulumi.RunError` that lists it all. */
export function loadConfig(): Loaded {
  const stack = pulumi.getStack();
  const source = `Pulumi.${stack}.yaml`;
  const config = pulumi.runtime.allConfig();
  try {
    // The engine has decrypted everything: how a key is stored can only be seen in the file.
    const strayKeys = stackKeyIssues(Object.keys(config), () => true);
    if (strayKeys.length > 0) throw new ConfigError(source, strayKeys);
    const settings = parseConfig(source, platformOf(source, config[platformKey]));
    return { settings, secrets: loadSecrets({ stack, source, config, settings }) };
  } catch (error) {
    if (error instanceof ConfigError) throw told(error);
    throw error;
  }
}

/** Without a stack, which Pulumi does not print either, but spends up to a minute on colouring. */
function told({ message }: ConfigError): pulumi.RunError {
  return Object.assign(new pulumi.RunError(message), { stack: "" });
}

function platformOf(source: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    const problem = "is one text, expected a mapping";
    const fix = `edit ${source}; one value is set by \`pulumi config set --path platform.<key> <value>\``;
    throw new ConfigError(source, [{ path: platformKey, problem, fix }]);
  }
}

interface SecretSource {
  readonly stack: string;
  readonly source: string;
  readonly config: Readonly<Record<string, string>>;
  readonly settings: Settings;
}

function loadSecrets({ stack, source, config, settings }: SecretSource): PlatformSecrets {
  const issues: ConfigIssue[] = [];
  const required = new Set<SecretKey>(requiredSecrets(settings));
  function read<T>(key: SecretKey, parse: (text: string) => T | undefined): T | undefined {
    if (!required.has(key)) return undefined;
    const path = `${projectName}:${key}`;
    const text = config[path];
    const value = text === undefined ? undefined : parse(text);
    if (text === undefined) {
      issues.push({ path, problem: "is missing", fix: missingFix(key, stack) });
    } else if (value === undefined) {
      const problem = "is damaged: it does not hold what it should";
      issues.push({ path, problem, fix: damagedFix(key, stack) });
    }
    return value;
  }
  const authorities = read("ingestAuthority", (text) => parseSecret(text, authorityCertificates));
  const certificate = read("ingestCertificate", (text) => parseSecret(text, certificateText));
  const gateways = read("gatewayCertificate", (text) => parseSecret(text, certificateText));
  const held = read("ingestTokens", (text) => parseSecret(text, tokensText));
  const tokens = held && tokensInForce(held, settings.tenants);
  const password = read("grafanaAdminPassword", nonEmpty);
  const access = read("storageAccessKey", nonEmpty);
  const secret = read("storageSecretKey", nonEmpty);
  const problem = held && tokensProblem(held, settings.tenants);
  if (problem !== undefined) {
    const fix = `\`npm run secrets -- ${stack}\` makes the missing ones, with \`--rotate ingestTokens.<tenant>\` one anew`;
    issues.push({ path: `${projectName}:ingestTokens`, problem, fix });
  }
  const fanOut =
    config[`${projectName}:fanOutSecrets`] === undefined
      ? {}
      : read("fanOutSecrets", (text) => parseSecret(text, namedSecrets));
  if (fanOut !== undefined) issues.push(...missingFanOut(fanOut, settings, stack));
  if (issues.length > 0) throw new ConfigError(source, issues);
  return {
    ...(certificate && { ingestCertificate: certificateSecret(certificate) }),
    ...(gateways && { gatewayCertificate: certificateSecret(gateways) }),
    ...(authorities && { gatewayAuthorities: authorities.join("") }),
    ...(tokens && { ingestTokens: pulumi.secret(tokens), tokenHashes: tokenHashes(tokens) }),
    ...(password !== undefined && { grafanaAdminPassword: pulumi.secret(password) }),
    ...(access !== undefined &&
      secret !== undefined && {
        storageKeys: { access: pulumi.secret(access), secret: pulumi.secret(secret) },
      }),
    ...(fanOut && required.has("fanOutSecrets") && { fanOut: fanOutSecrets(fanOut, settings) }),
  };
}

function certificateSecret({ certificate, key }: CertificateText): CertificateSecret {
  return { certificate: pulumi.output(certificate), key: pulumi.secret(key) };
}

/** Only what a target names: what is left over from one that is gone stays out of the cluster. */
function fanOutSecrets(
  stored: Readonly<Record<string, string>>,
  settings: Settings,
): Record<string, pulumi.Output<string>> {
  const names = [...fanOutSecretUses(settings).keys()];
  return Object.fromEntries(names.map((name) => [name, pulumi.secret(stored[name] ?? "")]));
}

function missingFanOut(
  stored: Readonly<Record<string, string>>,
  settings: Settings,
  stack: string,
): ConfigIssue[] {
  return [...fanOutSecretUses(settings)]
    .filter(([name]) => stored[name] === undefined)
    .map(([name, uses]) => ({
      path: `${projectName}:fanOutSecrets.${name}`,
      problem: `is missing, but ${uses.join(" and ")} ${uses.length === 1 ? "names" : "name"} it`,
      fix: fanOutFix(name, stack),
    }));
}

function fanOutFix(name: string, stack: string): string {
  return `store it: \`${fanOutCommand(name, stack)}\`, which asks for it`;
}

function isGiven(key: SecretKey): boolean {
  return key === "storageAccessKey" || key === "storageSecretKey";
}

function damagedFix(key: SecretKey, stack: string): string {
  if (key === "fanOutSecrets") {
    return `store each by itself, in one line of plain characters: \`${fanOutCommand("<name>", stack)}\``;
  }
  return isGiven(key)
    ? missingFix(key, stack)
    : `make it again: \`npm run secrets -- ${stack} --rotate ${key}\``;
}

function missingFix(key: SecretKey, stack: string): string {
  return isGiven(key)
    ? `store what its owner gave you: \`pulumi config set --secret ${key} --stack ${stack}\`, which asks for it`
    : `\`npm run secrets -- ${stack}\` makes it`;
}
