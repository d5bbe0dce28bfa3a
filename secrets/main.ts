import { resolve } from "node:path";
import { runCommand, unknown } from "../cli/command.ts";
import { makeSecrets, readAuthority } from "./make.ts";
import { rotatableSecrets, tenantRotation, type Rotation } from "./plan.ts";
import type { PulumiCli } from "./pulumi-cli.ts";

const command = {
  usage: `npm run secrets -- <stack> [options]

Makes the secrets that the stack needs and lacks, into its encrypted configuration.

  --rotate <name>      make it anew: ${rotatableSecrets.join(", ")} or all;
                       ${tenantRotation}<tenant> is one tenant's token alone
  --drop-old           end the tokens of before the last rotation (with --rotate: at once)
  --config-file <path> the stack's configuration, where it is not Pulumi.<stack>.yaml
  --print-authority    only print the certificate by which senders check the ingest

SIGHTLINE_PULUMI names the pulumi program where it is not on the PATH.`,
  options: {
    rotate: { type: "string", multiple: true },
    "drop-old": { type: "boolean", default: false },
    "config-file": { type: "string" },
    "print-authority": { type: "boolean", default: false },
  },
  arguments: ["<stack>"],
} as const;

await runCommand(command, process.argv.slice(2), [Error], async ({ values, positionals }) => {
  const [stack = ""] = positionals;
  const rotate = (values.rotate ?? []).map(rotation);
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
  const log = (line: string) => {
    console.log(line);
  };
  await makeSecrets({ stack, pulumi, log, rotate, dropOld: values["drop-old"] });
});

function rotation(name: string): Rotation {
  const known = [...rotatableSecrets, "all" as const];
  const found = known.find((secret) => secret === name);
  if (found !== undefined) return found;
  if (isOfTenant(name)) return name;
  throw unknown("secret", name, [...known, `${tenantRotation}<tenant>`]);
}

function isOfTenant(name: string): name is `${typeof tenantRotation}${string}` {
  return name.startsWith(tenantRotation);
}
