import { kubectl } from "./kubectl.ts";

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

/** `name → uid` of the pods of a namespace: a pod that was replaced has another uid. */
export async function podUids(namespace: string): Promise<Record<string, string>> {
  const listed = JSON.parse(
    await kubectl(["get", "pods", "-n", namespace, "-o", "json"]),
  ) as Listed;
  return Object.fromEntries(listed.items.map(({ metadata }) => [metadata.name, metadata.uid]));
}

/** Every object of the cluster that carries the platform's label, as `kind/name`, of the kinds that it deploys. */
export async function platformObjects(): Promise<string[]> {
  const kinds = [
    "namespaces,clusterroles,clusterrolebindings,persistentvolumes",
    "statefulsets,deployments,pods,services,configmaps,secrets,networkpolicies,serviceaccounts",
    "poddisruptionbudgets,horizontalpodautoscalers,persistentvolumeclaims",
  ].join(",");
  const selector = "app.kubernetes.io/part-of=sightline";
  const output = await kubectl(["get", kinds, "-A", "-l", selector, "-o", "name"]);
  return output.split("\n").filter((line) => line !== "");
}
