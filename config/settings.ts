import type { PlatformConfig } from "./schema.ts";

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Makes the keys `K` of `T`, optional in the configuration, present: sizing.ts has derived them. */
type Derived<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: Exclude<T[P], undefined> };

type AgentConfig = PlatformConfig["collector"]["agent"];
type GatewayConfig = PlatformConfig["collector"]["gateway"];
type SamplerConfig = PlatformConfig["collector"]["sampler"];

interface Resolved extends Omit<PlatformConfig, "collector"> {
  collector: {
    agent: Derived<AgentConfig, "memoryLimitMiB">;
    cluster: PlatformConfig["collector"]["cluster"];
    gateway: Omit<GatewayConfig, "resources" | "memoryLimiter"> & {
      resources: Derived<GatewayConfig["resources"], "memoryMiB">;
      memoryLimiter: Derived<GatewayConfig["memoryLimiter"], "spikeMiB">;
    };
    balancer: PlatformConfig["collector"]["balancer"];
    sampler: Derived<SamplerConfig, "memoryLimitMiB">;
  };
}

/** What code hands to code: the configuration with every number decided. Frozen. */
export type Settings = DeepReadonly<Resolved>;
