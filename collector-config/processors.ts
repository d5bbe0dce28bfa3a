import type { Settings } from "../config/settings.ts";
import { fromEnvironment, type ConfigValue, type Processor } from "./model.ts";

interface MemoryLimits {
  readonly limitMiB: number;
  readonly spikeMiB: number;
  readonly checkIntervalMs: number;
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

/** Says which pod a record comes from. What the application says about itself stands. */
export function podMetadata(): Processor {
  return {
    kind: "processor",
    name: "k8s_attributes",
    purpose: "pods",
    config: {
      auth_type: "serviceAccount",
      // Refused records are sent again, unnamed ones stay unnamed: start when the pods are known.
      wait_for_metadata: true,
      wait_for_metadata_timeout: "30s",
      extract: {
        metadata: [
          "k8s.namespace.name",
          "k8s.pod.name",
          "k8s.pod.uid",
          "k8s.node.name",
          "k8s.container.name",
          "k8s.deployment.name",
          "k8s.statefulset.name",
          "k8s.daemonset.name",
          "k8s.job.name",
          "k8s.cronjob.name",
          "service.name",
          "service.namespace",
          "service.version",
          "service.instance.id",
        ],
        // The name without its hash, instead of watching every ReplicaSet of the cluster.
        deployment_name_from_replicaset: true,
        otel_annotations: true,
      },
      pod_association: [
        { sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] },
        { sources: [{ from: "connection" }] },
      ],
    },
  };
}

function resource(purpose: string, attributes: Record<string, ConfigValue>): Processor {
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

/**
 * Keys whose values are secrets: `http.request.header.authorization`, `db.password`, `accessToken`, `client_secret`. It
 * holds at a key's end, so that `gen_ai.usage.input_tokens` and `token.count` stay.
 */
export const secretKeyPattern =
  "(?i)(authorization|cookie|passw(or)?d|passphrase|secret|credentials?|token|(api|access|private|secret|signing)[._-]?key)$";

/** Masks the values of attributes and of fields of a structured body whose keys say that they are secrets. */
export function redaction(): Processor {
  return {
    kind: "processor",
    name: "redaction",
    purpose: "secrets",
    config: {
      allow_all_keys: true,
      blocked_key_patterns: [secretKeyPattern],
      summary: "silent",
    },
  };
}
