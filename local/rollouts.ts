import { platformNamespaces } from "../config/namespaces.ts";
import type { Log } from "./cluster/cluster.ts";
import { followProgress } from "./cluster/progress.ts";
import { mustRun } from "./process.ts";
import { kubectlArgs, type Kubectl } from "./proof/port-forward.ts";

const timeoutSeconds = 300;

/**
 * Waits until every workload of the platform in this namespace, and in that of its agents, runs what was last applied. The provider reports a changed StatefulSet as
 * done before its pods have rolled (mended after the pinned version).
 */
export async function waitForRollouts(
  kubectl: Kubectl,
  platformNamespace: string,
  log: Log,
): Promise<void> {
  for (const namespace of platformNamespaces(platformNamespace)) {
    await waitForNamespace(kubectl, namespace, log);
  }
}

async function waitForNamespace(kubectl: Kubectl, namespace: string, log: Log): Promise<void> {
  const args = [...kubectlArgs(kubectl), "--namespace", namespace];
  const kinds = "deployments,statefulsets,daemonsets";
  const listed = await mustRun(kubectl.program, [...args, "get", kinds, "--output=name"]);
  const workloads = listed.split("\n").filter((line) => line !== "");
  const progress = followProgress(log);
  const waits = workloads.map((workload) => {
    const wait = ["rollout", "status", workload, `--timeout=${timeoutSeconds}s`];
    return progress.during(workload, mustRun(kubectl.program, [...args, ...wait]));
  });
  await Promise.all(waits).finally(progress.stop);
  log(`${workloads.length} workloads of ${namespace} run what was applied`);
}
