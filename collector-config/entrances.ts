import type { Settings } from "../config/settings.ts";
import type { Extension, Processor, Receiver } from "./model.ts";
import { memoryLimiter, podMetadata, stackIdentity } from "./processors.ts";
import { clusterReceiver, publicReceiver } from "./receivers.ts";

/** One way into the gateway: who may come, and what is noted about what they bring. */
export interface Entrance {
  readonly receiver: Receiver;
  readonly processors: readonly Processor[];
}

/** Every listener of the gateway. With `tokens`, also the one for senders outside the cluster. */
export function gatewayEntrances(settings: Settings, tokens: Extension | undefined): Entrance[] {
  const { gateway } = settings.collector;
  const limiter = memoryLimiter(gateway.memoryLimiter);
  const stack = stackIdentity(settings);
  const fromCluster: Entrance = {
    receiver: clusterReceiver(gateway),
    processors: [limiter, podMetadata(), stack],
  };
  if (tokens === undefined) return [fromCluster];
  // Who connects from outside is a balancer or a node, so a connection's address names no pod there.
  const fromOutside: Entrance = {
    receiver: publicReceiver(gateway, tokens),
    processors: [limiter, stack],
  };
  return [fromCluster, fromOutside];
}
