import { logsAttribute, tenantAttribute } from "../config/attributes.ts";
import { logsAnnotation, logsOff, tenantLabel } from "../config/labels.ts";
import type { CollectorVariable } from "../config/mounts.ts";
import { fromEnvironment, type ConfigValue, type Processor } from "./model.ts";
import { resource } from "./processors.ts";

const nodeName: CollectorVariable = "NODE_NAME";

/** What the pod says comes before what its namespace says. */
function podThenNamespace(attribute: string, key: string): ConfigValue {
  return ["pod", "namespace"].map((from) => ({ tag_name: attribute, key, from }));
}

/**
 * Says which pod of this node a record comes from. What the application says about itself stands, but which pod it is
 * shows by its connection alone; only what has none, a line of a file, is known by what the file's path says.
 */
export function podMetadata(): Processor {
  return {
    kind: "processor",
    name: "k8s_attributes",
    purpose: "pods",
    config: {
      auth_type: "serviceAccount",
      filter: { node_from_env_var: nodeName },
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
        labels: podThenNamespace(tenantAttribute, tenantLabel),
        annotations: podThenNamespace(logsAttribute, logsAnnotation),
      },
      pod_association: [
        { sources: [{ from: "connection" }] },
        { sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] },
        // The path of a static pod's log has another uid than the API.
        {
          sources: ["k8s.namespace.name", "k8s.pod.name"].map((name) => ({
            from: "resource_attribute",
            name,
          })),
        },
      ],
    },
  };
}

const deletion = (name: string) => `delete_key(resource.attributes, ${JSON.stringify(name)})`;

/** Takes away what only the platform may say, before an agent says it. */
export function forgetClaims(): Processor {
  const all = [{ context: "resource", statements: [tenantAttribute, logsAttribute].map(deletion) }];
  return {
    kind: "processor",
    name: "transform",
    purpose: "claims",
    config: { log_statements: all, metric_statements: all, trace_statements: all },
  };
}

/** Under this name the messages of Fluent Bit and Fluentd are found, since their protocol knows none. */
const fluentService = "fluent-forward";

/** Where a message came from that names no pod: its receiver does not tell who has connected. */
export function fluentIdentity(): Processor {
  return resource("fluent", {
    "service.name": fluentService,
    "k8s.node.name": fromEnvironment(nodeName),
  });
}

/** On which node it was measured. */
export function nodeIdentity(): Processor {
  return resource("node", { "k8s.node.name": fromEnvironment(nodeName) });
}

/** Drops the lines of pods that ask for it, and those that Loki would refuse for their age. */
export function unwantedLines(oldestMinutes: number): Processor {
  return {
    kind: "processor",
    name: "filter",
    purpose: "lines",
    config: {
      error_mode: "ignore",
      logs: {
        resource: [`attributes["${logsAttribute}"] == "${logsOff}"`],
        log_record: [`time_unix_nano > 0 and Now() - time > Duration("${oldestMinutes}m")`],
      },
    },
  };
}

/** How loggers call the ids, in JSON: `trace_id`, `traceId`, `trace.id`, and what Python's instrumentation adds. */
const traceField = String.raw`"(?:trace[_.]?[iI][dD]|otelTraceID)"\s*:\s*"(?P<trace_id>[0-9a-fA-F]{32})"`;
const spanField = String.raw`"(?:span[_.]?[iI][dD]|otelSpanID)"\s*:\s*"(?P<span_id>[0-9a-fA-F]{16})"`;

/**
 * Makes the ids that a line's JSON holds the record's own, so that the line leads to its trace. A field inside of quoted
 * text has escaped quotes, and is not taken for one. Whatever has no service yet is called by its container.
 */
export function lineContext(): Processor {
  const ids = { trace_id: traceField, span_id: spanField };
  const found = Object.values(ids).map(
    (field) =>
      `merge_maps(log.cache, ExtractPatterns(log.body, ${JSON.stringify(field)}), "upsert")` +
      ` where IsMatch(log.body, ${JSON.stringify(field)})`,
  );
  const taken = Object.keys(ids).map(
    (id) => `set(log.${id}.string, log.cache["${id}"]) where log.cache["${id}"] != nil`,
  );
  return {
    kind: "processor",
    name: "transform",
    purpose: "lines",
    config: {
      error_mode: "ignore",
      log_statements: [
        {
          statements: [
            deletion(logsAttribute),
            `set(resource.attributes["service.name"], resource.attributes["k8s.container.name"])` +
              ` where resource.attributes["service.name"] == nil`,
          ],
        },
        {
          conditions: [`IsString(log.body) and IsMatch(log.body, "^\\\\s*\\\\{.*[tT]race")`],
          statements: [...found, ...taken],
        },
      ],
    },
  };
}
