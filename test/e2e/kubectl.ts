import { inject } from "vitest";
import * as onCluster from "../../local/kubectl.ts";
import type { RunResult } from "../../local/process.ts";

/** Runs kubectl on the test's cluster; a failure is a code other than 0. */
export function tryKubectl(args: readonly string[], input?: string): Promise<RunResult> {
  return onCluster.tryKubectl(inject("machine").kubectl, args, input);
}

/** Runs kubectl on the test's cluster and gives what it printed. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return onCluster.kubectl(inject("machine").kubectl, args, input);
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
