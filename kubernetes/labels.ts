import { nameLabel, partOf, partOfLabel } from "../config/labels.ts";

/** Labels that choose a workload's pods. They never carry a version: a selector cannot be changed afterwards. */
export function selectorLabels(workload: string): Record<string, string> {
  return { [nameLabel]: workload, [partOfLabel]: partOf };
}

/** Labels of everything that belongs to a workload. */
export function workloadLabels(workload: string, version: string): Record<string, string> {
  return {
    ...selectorLabels(workload),
    "app.kubernetes.io/version": version,
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Labels of what belongs to no single workload, such as a namespace. */
export const platformLabels: Record<string, string> = {
  [partOfLabel]: partOf,
  "app.kubernetes.io/managed-by": "pulumi",
};
