import { join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import type { Settings } from "../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../config/stack-file.ts";
import { makeSecrets } from "../secrets/make.ts";
import type { Log } from "./cluster/cluster.ts";
import { platformOverlay, prepareMachine, prepareNamedCluster, type Target } from "./machine.ts";
import { kubectlArgs } from "./proof/port-forward.ts";
import { proveLink, type Proof } from "./proof/prove.ts";
import { proofLines } from "./proof/report.ts";
import { writeStackFile } from "./pulumi.ts";
import { initStack, localStack, up, type LocalStack } from "./stack.ts";
import { waitForRollouts } from "./rollouts.ts";
import { countSteps } from "./steps.ts";

export const projectDir = join(import.meta.dirname, "..");

const proofSeconds = 120;

export interface UpOptions {
  readonly stackName: string;
  readonly log: Log;
}

/** The whole way from a bare machine to a request's linked log, trace and metric. */
export async function localUp({ stackName, log }: UpOptions): Promise<Proof | undefined> {
  const source = `Pulumi.${stackName}.yaml`;
  const written = readStackConfig(join(projectDir, source));
  // Before anything long begins: a mistake in the stack should cost seconds.
  const { context } = parseConfig(source, written).cluster;
  const startedAtMs = Date.now();
  const steps = countSteps(4, log);
  const target = await steps.run(
    context === undefined ? "tools, cluster and images" : `tools for the cluster of ${context}`,
    (stepLog) =>
      context === undefined
        ? prepareMachine({ log: stepLog })
        : prepareNamedCluster({ context, log: stepLog }),
  );
  const stack = localStack(target.engine, stackName, projectDir);
  const platform = mergeOverlay(written, platformOverlay(target));
  const settings = parseConfig(source, platform);
  writeStackFile(stack.configFile, platform);
  await steps.run("secrets", (stepLog) => makeStackSecrets(stack, stepLog));
  await steps.run(`pulumi up of ${stackName}`, async (stepLog) => {
    await up(stack, stepLog);
    await waitForRollouts(target.kubectl, settings.namespace, stepLog);
  });
  const goOn = howToGoOn(target, stack);
  const proof = await steps.run("one request, followed through", (stepLog) =>
    settings.examples.includes("hello")
      ? proveWholeWay(target, settings, stepLog, startedAtMs).catch((error: unknown) => {
          throw new Error(`${error instanceof Error ? error.message : String(error)}\n${goOn}`);
        })
      : Promise.resolve(undefined),
  );
  if (proof !== undefined) log(proofLines(proof, settings, target.kubectl).join("\n"));
  log(`ready after ${steps.secondsSoFar().toFixed(0)} s`);
  log(goOn);
  return proof;
}

/** Makes the stack's secrets in its own encrypted configuration. */
export async function makeStackSecrets(stack: LocalStack, log: Log): Promise<void> {
  await initStack(stack);
  const { binary, env } = stack.engine;
  const pulumi = { binary, env, cwd: stack.projectDir, configFile: stack.configFile };
  const { missing } = await makeSecrets({ stack: stack.name, pulumi, log });
  if (missing.length > 0) {
    throw new Error(
      `${stack.name} needs secrets that only their owner has: ${missing.join(", ")}. The lines above say how to store them`,
    );
  }
}

/** Sends a request through the example and follows its log, trace and metric to where they are stored. */
export function proveWholeWay(
  target: Target,
  settings: Settings,
  log: Log,
  startedAtMs = Date.now(),
): Promise<Proof> {
  return proveLink({
    kubectl: target.kubectl,
    settings,
    log,
    timeoutSeconds: proofSeconds,
    startedAtMs,
  });
}

function howToGoOn({ kubectl }: Target, stack: LocalStack): string {
  return [
    `look at it: ${[kubectl.program, ...kubectlArgs(kubectl)].join(" ")} get pods --all-namespaces`,
    `the stack's configuration with what this machine needs: ${stack.configFile}`,
    "take it down again: npm run local:down",
  ].join("\n");
}
