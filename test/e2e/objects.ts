import { partOf, partOfLabel } from "../../config/labels.ts";
import { kubectl } from "./kubectl.ts";

/** Every object of the cluster that carries the platform's label, as `namespace kind/name`. */
export async function platformObjects(): Promise<string[]> {
  const kinds = [
    "namespaces,clusterroles,clusterrolebindings,roles,rolebindings,persistentvolumes",
    "statefulsets,deployments,daemonsets,resourcequotas,pods,services,configmaps,secrets,networkpolicies,serviceaccounts",
    "poddisruptionbudgets,horizontalpodautoscalers,persistentvolumeclaims",
  ].join(",");
  const selector = `${partOfLabel}=${partOf}`;
  const path =
    "jsonpath={range .items[*]}{.metadata.namespace} {.kind}/{.metadata.name}{'\\n'}{end}";
  const output = await kubectl(["get", kinds, "-A", "-l", selector, "-o", path]);
  return output.split("\n").filter((line) => line !== "");
}
