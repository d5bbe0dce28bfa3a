import type { Settings } from "./settings.ts";

/** Whether the stack runs a balancer of its own. */
export function hasBalancer({ collector: { balancer, gateway } }: Settings): boolean {
  return gateway.public.enabled && ["clusterIP", "loadBalancer"].includes(balancer.kind);
}

/** Whether pages in browsers may send. */
export function hasBrowsers({ collector: { gateway } }: Settings): boolean {
  return gateway.browser.origins.length > 0;
}
