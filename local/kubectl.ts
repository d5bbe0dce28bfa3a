import { run, type RunResult } from "./process.ts";
import { kubectlArgs, type Kubectl } from "./proof/port-forward.ts";

const timeoutSeconds = 180;

/** Runs kubectl on a cluster; a failure is a code other than 0. */
export function tryKubectl(
  cluster: Kubectl,
  args: readonly string[],
  input?: string,
): Promise<RunResult> {
  return run(cluster.program, [...kubectlArgs(cluster), ...args], {
    timeoutSeconds,
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs kubectl on a cluster and gives what it printed. */
export async function kubectl(
  cluster: Kubectl,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(cluster, args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr || stdout}`);
  return stdout.trim();
}
