import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeSecrets, readAuthority } from "./make.ts";
import { rotatableSecrets, tenantRotation, type Rotation } from "./plan.ts";
import type { PulumiCli } from "./pulumi-cli.ts";

const usage = `npm run secrets -- <stack> [options]

Makes the secrets that the stack needs and lacks, into its encrypted configuration.

  --rotate <name>      make it anew: ${rotatableSecrets.join(", ")} or all;
                       ${tenantRotation}<tenant> is one tenant's token alone
  --drop-old           end the tokens of before the last rotation (with --rotate: at once)
  --config-file <path> the stack's configuration, where it is not Pulumi.<stack>.yaml
  --print-authority    only print the certificate by which senders check the ingest

SIGHTLINE_PULUMI names the pulumi program where it is not on the PATH.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rotate: { type: "string", multiple: true, default: [] },
      "drop-old": { type: "boolean", default: false },
      "config-file": { type: "string" },
      "print-authority": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const [stack, ...others] = positionals;
  if (stack === undefined || others.length > 0) {
    throw new Error(`name one stack, such as dev.\n\n${usage}`);
  }
  const configFile = values["config-file"];
  const pulumi: PulumiCli = {
    binary: process.env.SIGHTLINE_PULUMI ?? "pulumi",
    env: process.env,
    cwd: resolve(import.meta.dirname, ".."),
    ...(configFile !== undefined && { configFile: resolve(configFile) }),
  };
  if (values["print-authority"]) {
    process.stdout.write(await readAuthority(pulumi, stack));
    return;
  }
  const rotate = values.rotate.map(rotation);
  const log = (line: string) => {
    console.log(line);
  };
  await makeSecrets({ stack, pulumi, log, rotate, dropOld: values["drop-old"] });
}

function rotation(name: string): Rotation {
  const known = [...rotatableSecrets, "all" as const].find((secret) => secret === name);
  if (known !== undefined) return known;
  if (isOfTenant(name)) return name;
  throw new Error(
    `--rotate ${name} names no secret that is made here. Fix: name one of ${rotatableSecrets.join(", ")}, ${tenantRotation}<tenant> or all`,
  );
}

function isOfTenant(name: string): name is `${typeof tenantRotation}${string}` {
  return name.startsWith(tenantRotation);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
