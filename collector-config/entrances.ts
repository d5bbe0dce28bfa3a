import type { TokenHash } from "../config/ingest-tokens.ts";
import type { Settings } from "../config/settings.ts";
import type { Extension, Processor, Receiver } from "./model.ts";
import { memoryLimiter, stackIdentity } from "./processors.ts";
import { agentsReceiver, browserReceiver, publicReceiver } from "./receivers.ts";
import { browserOf, tenantOfToken } from "./tenants.ts";

/** One way into the gateway: who may come, and what is noted about what they bring. */
export interface Entrance {
  readonly receiver: Receiver;
  readonly processors: readonly Processor[];
}

/** What the listener for senders outside knows them by. */
export interface TokenAccess {
  readonly extension: Extension;
  readonly hashes: readonly TokenHash[];
}

/** Every listener of the gateway. With `tokens`, also the one for senders outside the cluster. */
export function gatewayEntrances(settings: Settings, tokens: TokenAccess | undefined): Entrance[] {
  const { gateway } = settings.collector;
  const limiter = memoryLimiter(gateway.memoryLimiter);
  const stack = stackIdentity(settings);
  // Agents know whose pods their records come from: what they say of the tenant stands.
  const fromAgents: Entrance = {
    receiver: agentsReceiver(gateway),
    processors: [limiter, stack],
  };
  const fromOutside = (access: TokenAccess): Entrance => ({
    receiver: publicReceiver(gateway, access.extension),
    processors: [limiter, tenantOfToken(access.hashes), stack],
  });
  const fromBrowsers: Entrance = {
    receiver: browserReceiver(gateway),
    processors: [limiter, browserOf(gateway.browser.tenant), stack],
  };
  return [
    fromAgents,
    ...(tokens === undefined ? [] : [fromOutside(tokens)]),
    ...(gateway.browser.origins.length === 0 ? [] : [fromBrowsers]),
  ];
}
