import { kubectl } from "./kubectl.ts";

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
