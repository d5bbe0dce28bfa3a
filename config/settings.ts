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

/** A number that follows from others where it is not written. */
export interface Sized {
  readonly path: string;
  readonly value: number;
  /** What follows from the others. Differs from the value where that is written, or at the end of its range. */
  readonly derived: number;
  readonly how: string;
  readonly isWritten: boolean;
}

interface Resolved extends Omit<PlatformConfig, "collector"> {
  /** The numbers that follow from others, for the plan. */
  sizing: Sized[];
  collector: {
    agent: Derived<AgentConfig, "memoryLimitMiB">;
    cluster: PlatformConfig["collector"]["cluster"];
    gateway: Omit<GatewayConfig, "resources" | "memoryLimiter"> & {
      resources: Derived<GatewayConfig["resources"], "memoryMiB">;
      memoryLimiter: Derived<GatewayConfig["memoryLimiter"], "spikeMiB">;
    };
    balancer: PlatformConfig["collector"]["balancer"];
    processing: PlatformConfig["collector"]["processing"];
    sampler: Derived<SamplerConfig, "memoryLimitMiB">;
    fanOut: PlatformConfig["collector"]["fanOut"];
  };
}

/** What code hands to code: the configuration with every number decided. Frozen. */
export type Settings = DeepReadonly<Resolved>;
