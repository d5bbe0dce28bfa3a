import { schemaKeys, type SchemaNode } from "./schema-keys.ts";
import type { PlatformConfig } from "./schema.ts";
import { valueAt, withValueAt } from "./setting-path.ts";
import type { Settings, Sized } from "./settings.ts";
import { derivations, type Derivation, type Workload } from "./workload.ts";

/** Share of a container's memory that Go may use; the rest is stacks, buffers of the kernel and fragmentation. */
const goShareOfContainer = 0.8;

/** GOMEMLIMIT of a container with this much memory. */
export function goMemoryLimitMiB(containerMiB: number): number {
  return Math.floor(containerMiB * goShareOfContainer);
}

/**
 * Decides every number that the configuration leaves open. A number that is written stays as it is. `config` has its
 * defaults, `written` is what the user wrote.
 */
export function resolveSizing(config: PlatformConfig, written: unknown): Settings {
  const { workload } = config;
  const sized = workload === undefined ? { config, sizing: [] } : follow(config, workload, written);
  const settings = filledIn(sized.config);
  const always = openNumbers.map(({ path, how, from }): Sized => {
    const isWritten = valueAt(written, path) !== undefined;
    return { path, how, derived: from(settings), value: numberAt(settings, path), isWritten };
  });
  return { ...settings, sizing: [...sized.sizing, ...always] };
}

/** Lays what follows from the workload under what is written, one number after the other. */
function follow(start: PlatformConfig, workload: Workload, written: unknown) {
  let config = start;
  const sizing: Sized[] = [];
  for (const derivation of derivations) {
    const settings = filledIn(config);
    if (derivation.applies?.(settings) === false) continue;
    const one = sized(derivation, derivation.value(settings, workload), written);
    sizing.push(one);
    config = withValueAt(config, one.path, one.value);
  }
  return { config, sizing };
}

function sized(derivation: Derivation, follows: number, written: unknown): Sized {
  const { path, how, atLeastDefault = false } = derivation;
  const least = atLeastDefault ? schemaNode(path).default : undefined;
  const derived = typeof least === "number" ? Math.max(least, follows) : follows;
  const own = valueAt(written, path);
  const isWritten = typeof own === "number";
  return { path, how, derived, value: isWritten ? own : withinRange(path, derived), isWritten };
}

function numberAt(platform: unknown, path: string): number {
  const value = valueAt(platform, path);
  if (typeof value === "number") return value;
  throw new Error(`no number is at ${path}`);
}

/** What is cut here is told by the rule `workload-within-limits`. */
function withinRange(path: string, value: number): number {
  const node = schemaNode(path);
  return Math.min(node.maximum ?? value, Math.max(node.minimum ?? value, value));
}

function schemaNode(path: string): SchemaNode {
  const node = schemaKeys().find((key) => key.path === path)?.node;
  if (node === undefined) throw new Error(`the schema has no ${path}`);
  return node;
}

function spikeMiB(limitMiB: number): number {
  return Math.floor(limitMiB / 4);
}

function containerMiB(limitMiB: number): number {
  return Math.ceil(limitMiB / goShareOfContainer);
}

/** Numbers without a default, filled in where they are not written. */
function filledIn(config: PlatformConfig): Settings {
  const { agent, gateway, sampler } = config.collector;
  const { limitMiB } = gateway.memoryLimiter;
  return {
    ...config,
    sizing: [],
    collector: {
      ...config.collector,
      agent: {
        ...agent,
        memoryLimitMiB: agent.memoryLimitMiB ?? goMemoryLimitMiB(agent.resources.memoryMiB),
      },
      gateway: {
        ...gateway,
        memoryLimiter: {
          ...gateway.memoryLimiter,
          spikeMiB: gateway.memoryLimiter.spikeMiB ?? spikeMiB(limitMiB),
        },
        resources: {
          ...gateway.resources,
          memoryMiB: gateway.resources.memoryMiB ?? containerMiB(limitMiB),
        },
      },
      sampler: {
        ...sampler,
        memoryLimitMiB: sampler.memoryLimitMiB ?? goMemoryLimitMiB(sampler.resources.memoryMiB),
      },
    },
  };
}

/** The same, for the plan. */
const openNumbers: readonly {
  readonly path: string;
  readonly how: string;
  readonly from: (settings: Settings) => number;
}[] = [
  {
    path: "platform.collector.gateway.memoryLimiter.spikeMiB",
    how: "a quarter of the limit",
    from: ({ collector }) => spikeMiB(collector.gateway.memoryLimiter.limitMiB),
  },
  {
    path: "platform.collector.gateway.resources.memoryMiB",
    how: "the limiter's limit and a quarter more: GOMEMLIMIT, 80 % of it, is the limit",
    from: ({ collector }) => containerMiB(collector.gateway.memoryLimiter.limitMiB),
  },
  {
    path: "platform.collector.agent.memoryLimitMiB",
    how: "80 % of the container's memory, as GOMEMLIMIT",
    from: ({ collector }) => goMemoryLimitMiB(collector.agent.resources.memoryMiB),
  },
  {
    path: "platform.collector.sampler.memoryLimitMiB",
    how: "80 % of the container's memory, as GOMEMLIMIT",
    from: ({ collector }) => goMemoryLimitMiB(collector.sampler.resources.memoryMiB),
  },
];
