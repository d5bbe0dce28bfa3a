import { basename, join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig, stackFile } from "../config/stack-file.ts";
import type { SecretKey } from "../config/secrets.ts";
import { readCertificate } from "./ingest-certificate.ts";
import { planSecrets, type Rotation, type Step } from "./plan.ts";
import { readSecrets, writeSecret, type PulumiCli } from "./pulumi-cli.ts";

/** Which stack gets its secrets, by which Pulumi, and who is told. */
export interface MakeSecretsOptions {
  readonly stack: string;
  readonly pulumi: PulumiCli;
  readonly log: (line: string) => void;
  readonly rotate?: readonly Rotation[];
  readonly dropOld?: boolean;
}

/** What was done, by key; no value is in it. */
export interface MadeSecrets {
  readonly made: readonly SecretKey[];
  readonly kept: readonly SecretKey[];
  /** What only its owner can give, and the stack cannot be deployed without. */
  readonly missing: readonly SecretKey[];
}

/**
 * Makes the secrets that the stack's configuration needs and lacks, and stores them encrypted. Run again, it keeps what
 * is there, and renews what ends soon or no longer fits. Each is stored by itself, so an interrupted run is continued.
 */
export async function makeSecrets(options: MakeSecretsOptions): Promise<MadeSecrets> {
  const { stack, pulumi, log, rotate = [], dropOld = false } = options;
  const file = pulumi.configFile ?? join(pulumi.cwd, stackFile(stack));
  const settings = parseConfig(basename(file), readStackConfig(file));
  const stored = await readSecrets(pulumi, stack);
  const steps = await planSecrets({ stack, settings, stored, rotate, dropOld });
  for (const { key, action, value, notes } of steps) {
    if (value !== undefined) await writeSecret(pulumi, stack, key, value);
    log(`${action.padEnd(7)}  ${key}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}`);
  }
  await holdStored(pulumi, stack, steps);
  return {
    made: keysOf(steps, "made"),
    kept: keysOf(steps, "kept"),
    missing: keysOf(steps, "missing"),
  };
}

/** Pulumi locks no configuration: of two runs at once, each would believe in what the other has overwritten. */
async function holdStored(pulumi: PulumiCli, stack: string, steps: readonly Step[]): Promise<void> {
  const written = steps.filter(({ value }) => value !== undefined);
  if (written.length === 0) return;
  const stored = await readSecrets(pulumi, stack);
  const lost = written.filter(({ key, value }) => stored[key] !== value).map(({ key }) => key);
  if (lost.length === 0) return;
  throw new Error(
    `what was just made of stack ${stack} is not what it holds: ${lost.join(", ")}. Something else has changed its configuration meanwhile. Fix: when that has ended, run \`npm run secrets -- ${stack}\` again`,
  );
}

function keysOf(steps: readonly Step[], action: Step["action"]): SecretKey[] {
  return steps.filter((step) => step.action === action).map(({ key }) => key);
}

/** The certificate by which senders check the public ingest, as PEM. */
export async function readAuthority(pulumi: PulumiCli, stack: string): Promise<string> {
  const { ingestAuthority } = await readSecrets(pulumi, stack);
  const authority = ingestAuthority === undefined ? undefined : readCertificate(ingestAuthority);
  if (authority !== undefined) return authority.certificate;
  throw new Error(
    `stack ${stack} has no ingest authority. Fix: \`npm run secrets -- ${stack}\` makes it, unless the certificate is your own`,
  );
}
