import { inject } from "vitest";
import { run, type RunResult } from "../../local/process.ts";
import { kubectlArgs } from "../../local/proof/port-forward.ts";

/** Runs kubectl on the test's cluster; a failure is a code other than 0. */
export function tryKubectl(args: readonly string[], input?: string): Promise<RunResult> {
  const { kubectl: cluster } = inject("machine");
  return run(cluster.program, [...kubectlArgs(cluster), ...args], {
    timeoutSeconds: 180,
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs kubectl on the test's cluster and gives what it printed. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr || stdout}`);
  return stdout.trim();
}

/** The uid of every pod by its name: a pod that was replaced under its own name has another. */
export async function podUids(namespace: string): Promise<Record<string, string>> {
  const listed = await kubectl(["get", "pods", "-n", namespace, "-o", "json"]);
  const { items } = JSON.parse(listed) as { items: { metadata: { name: string; uid: string } }[] };
  return Object.fromEntries(
    items
      .map(({ metadata }): [string, string] => [metadata.name, metadata.uid])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
