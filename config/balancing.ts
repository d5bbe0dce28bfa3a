import type { Settings } from "./settings.ts";

/** Whether the stack runs a balancer of its own. */
export function hasBalancer({ collector: { balancer, gateway } }: Settings): boolean {
  return gateway.public.enabled && ["clusterIP", "loadBalancer"].includes(balancer.kind);
}

/** Whether pages in browsers may send. */
export function hasBrowsers({ collector: { gateway } }: Settings): boolean {
  return gateway.browser.origins.length > 0;
}

/** Names of the balancer's backends that alerts ask for: those of gateways begin with one, what is refused has another. */
export const balancerProxies = { gateways: "gateways-", tooFast: "refused-too-fast" } as const;
