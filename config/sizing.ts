import type { PlatformConfig } from "./schema.ts";
import type { Settings } from "./settings.ts";

/** Share of a container's memory that Go may use; the rest is stacks, buffers of the kernel and fragmentation. */
const goShareOfContainer = 0.8;

/** GOMEMLIMIT of a container with this much memory. */
export function goMemoryLimitMiB(containerMiB: number): number {
  return Math.floor(containerMiB * goShareOfContainer);
}

/** Decides every number that the configuration leaves open. A number that is written stays as it is. */
export function resolveSizing(config: PlatformConfig): Settings {
  const { agent, cluster, gateway, balancer, sampler } = config.collector;
  const { limitMiB } = gateway.memoryLimiter;
  return {
    ...config,
    collector: {
      agent: {
        ...agent,
        memoryLimitMiB: agent.memoryLimitMiB ?? goMemoryLimitMiB(agent.resources.memoryMiB),
      },
      cluster,
      gateway: {
        ...gateway,
        memoryLimiter: {
          ...gateway.memoryLimiter,
          spikeMiB: gateway.memoryLimiter.spikeMiB ?? Math.floor(limitMiB / 4),
        },
        resources: {
          ...gateway.resources,
          memoryMiB: gateway.resources.memoryMiB ?? Math.ceil(limitMiB / goShareOfContainer),
        },
      },
      balancer,
      sampler: {
        ...sampler,
        memoryLimitMiB: sampler.memoryLimitMiB ?? goMemoryLimitMiB(sampler.resources.memoryMiB),
      },
    },
  };
}
