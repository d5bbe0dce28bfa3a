import type { Settings } from "../config/settings.ts";
import { fromEnvironment, type ConfigValue, type Processor } from "./model.ts";

interface MemoryLimits {
  readonly limitMiB: number;
  readonly spikeMiB: number;
  readonly checkIntervalMs: number;
}

/** The limits of a collector whose settings say only one of them. */
export function limitsFrom(limitMiB: number, checkIntervalMs: number): MemoryLimits {
  return { limitMiB, spikeMiB: Math.floor(limitMiB / 4), checkIntervalMs };
}

/** Refuses what comes in before the container's memory is used up. */
export function memoryLimiter(limits: MemoryLimits): Processor {
  return {
    kind: "processor",
    name: "memory_limiter",
    purpose: "heap",
    config: {
      check_interval: `${limits.checkIntervalMs}ms`,
      limit_mib: limits.limitMiB,
      spike_limit_mib: limits.spikeMiB,
    },
  };
}

/** Writes attributes of the resource, over what is there. */
export function resource(purpose: string, attributes: Record<string, ConfigValue>): Processor {
  const upserts = Object.entries(attributes).map(([key, value]) => ({
    key,
    value,
    action: "upsert",
  }));
  return { kind: "processor", name: "resource", purpose, config: { attributes: upserts } };
}

function stackAttributes(settings: Settings): Record<string, string> {
  return {
    "deployment.environment.name": settings.environment,
    "k8s.cluster.name": settings.cluster.name,
  };
}

/** Which stack a record has come through. */
export function stackIdentity(settings: Settings): Processor {
  return resource("stack", stackAttributes(settings));
}

/** Whose series the service graph's are: it sets no resource, and several samplers would write the same ones. */
export function writerIdentity(settings: Settings, role: string): Processor {
  return resource("writer", {
    ...stackAttributes(settings),
    "service.name": role,
    "service.namespace": settings.namespace,
    "service.instance.id": fromEnvironment("POD_NAME"),
  });
}

/** Which replica has counted: what several of them count for one service are several series. */
export function countedHere(): Processor {
  return resource("counted", { "service.instance.id": fromEnvironment("POD_NAME") });
}

/** Leaves only these attributes of the resource on metrics. */
export function keepResourceAttributes(purpose: string, keys: readonly string[]): Processor {
  const list = keys.map((key) => JSON.stringify(key)).join(", ");
  const statements = [`keep_keys(resource.attributes, [${list}])`];
  return {
    kind: "processor",
    name: "transform",
    purpose,
    config: { metric_statements: [{ context: "resource", statements }] },
  };
}

/** Takes whatever comes and says so at once, then passes it on as it is: nobody hears of a refusal behind it. */
export function acknowledgeEarly(): Processor {
  return {
    kind: "processor",
    name: "batch",
    purpose: "early",
    // No time and no size: nothing is held, so that a crash takes only what is just being handed over.
    config: { timeout: "0s", send_batch_size: 0 },
  };
}
