import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../config/parse.ts";
import { parseSecret, tokensText } from "../../config/secret-values.ts";
import type { Settings } from "../../config/settings.ts";
import { clusterStatus } from "../../local/cluster/status.ts";
import { localDown } from "../../local/down.ts";
import { kubectl, tryKubectl } from "../../local/kubectl.ts";
import { platformOverlay, prepareMachine, type Machine } from "../../local/machine.ts";
import { objectStore, startObjectStore } from "../../local/object-store.ts";
import { writeStackFile } from "../../local/pulumi.ts";
import { waitForRollouts } from "../../local/rollouts.ts";
import {
  destroy,
  initStack,
  localStack,
  removeStack,
  up,
  type LocalStack,
} from "../../local/stack.ts";
import { makeStackSecrets } from "../../local/up.ts";
import { readAuthority } from "../../secrets/make.ts";
import { readSecrets, writeSecret, type PulumiCli } from "../../secrets/pulumi-cli.ts";
import { prodPlatform, projectDir } from "../prod-settings.ts";
import type { Log } from "../run.ts";

const stackName = "bench-prod";
const namespace = "sightline-bench";

/** The production stack on the embedded cluster, shrunk, in a namespace of its own. */
export interface ProdStack extends AsyncDisposable {
  readonly machine: Machine;
  readonly settings: Settings;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** What a sender outside the cluster has been given. */
  readonly access: { readonly authority: string; readonly token: string };
}

export interface ProdStackOptions {
  readonly log: Log;
  /** What a run changes in the stack. */
  readonly changes?: unknown;
  /** Leaves stack and cluster as they are, for the next run. */
  readonly keep: boolean;
}

/** Brings the stack up. What was there before stays, and only that. */
export async function deployProd(options: ProdStackOptions): Promise<ProdStack> {
  const { log, changes, keep } = options;
  const wasThere = (await clusterStatus()).state !== "absent";
  const machine = await prepareMachine({ fixtures: true, log });
  const stack = localStack(machine.engine, stackName, projectDir);
  const platform = prodPlatform(platformOverlay(machine), { namespace }, changes);
  const settings = parseConfig(`Pulumi.${stackName}.yaml`, platform);
  const leave = async () => {
    if (keep) {
      log(`left in place (--keep): stack ${stackName}, namespace ${namespace}`);
      return;
    }
    await remove(stack, machine, log);
    // The node is this machine, and what an agent had queued is of no use to the next run.
    const { directory } = settings.collector.agent.queue;
    rmSync(join(directory, namespace), { recursive: true, force: true });
    if (!wasThere) await localDown({ log, withTools: false });
  };
  try {
    writeStackFile(stack.configFile, platform);
    const { lokiBucket = "", tempoBucket = "" } = settings.storage;
    await startObjectStore(machine, [lokiBucket, tempoBucket]);
    await initStack(stack);
    const cli = cliOf(stack);
    await writeSecret(cli, stack.name, "storageAccessKey", objectStore.accessKey);
    await writeSecret(cli, stack.name, "storageSecretKey", objectStore.secretKey);
    await makeStackSecrets(stack, log);
    log("pulumi up …");
    await up(stack, () => undefined);
    await waitForRollouts(machine.kubectl, settings.namespace, log);
    return {
      machine,
      settings,
      kubectl: (...args) => kubectl(machine.kubectl, args),
      access: await accessOf(cli, stack.name),
      [Symbol.asyncDispose]: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

function cliOf({ engine, projectDir: cwd, configFile }: LocalStack): PulumiCli {
  return { binary: engine.binary, env: engine.env, cwd, configFile };
}

async function accessOf(cli: PulumiCli, name: string): Promise<ProdStack["access"]> {
  const { ingestTokens = "" } = await readSecrets(cli, name);
  const [token] = Object.values(parseSecret(ingestTokens, tokensText) ?? {});
  if (token === undefined) throw new Error(`${name} has no token for senders outside`);
  return { token, authority: await readAuthority(cli, name) };
}

async function remove(stack: LocalStack, machine: Machine, log: Log): Promise<void> {
  log("pulumi destroy …");
  await destroy(stack, () => undefined);
  await removeStack(stack);
  await tryKubectl(machine.kubectl, ["delete", "namespace", objectStore.namespace, "--wait=false"]);
}
