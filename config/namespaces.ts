import type { Workload } from "./ports.ts";

/**
 * Where the agents are: they mount folders of their node, which Pod Security admits at no level but the one that admits
 * everything, so they have a namespace of their own and the platform's stays strict.
 */
export function agentsNamespace(platformNamespace: string): string {
  return `${platformNamespace}-agents`;
}

/** The namespace of a workload of the platform that lives in this one. */
export function namespaceOf(workload: Workload, platformNamespace: string): string {
  return workload === "agent" ? agentsNamespace(platformNamespace) : platformNamespace;
}

/** Every namespace in which the platform has pods. */
export function platformNamespaces(platformNamespace: string): string[] {
  return [platformNamespace, agentsNamespace(platformNamespace)];
}
