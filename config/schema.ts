import type { FromSchema } from "json-schema-to-ts";
import { agent, cluster } from "./schema-agent.ts";
import { alertmanager, grafana, loki, prometheus, tempo } from "./schema-backends.ts";
import { balancer } from "./schema-balancer.ts";
import { fanOut } from "./schema-fan-out.ts";
import { gateway } from "./schema-gateway.ts";
import { tenants } from "./schema-ingress.ts";
import { processing } from "./schema-processing.ts";
import { sampler } from "./schema-sampler.ts";
import { aws, storage } from "./schema-storage.ts";
import { workload } from "./schema-workload.ts";

/**
 * The whole of `platform` in `Pulumi.<stack>.yaml`: the validator, the defaults, the type and docs/configuration.md all
 * come from this literal. Defaults are production's; an object carries `default: {}` so that its own defaults apply.
 * A key without default is either needed in a stated case, or derived in sizing.ts.
 */
export const platformSchema = {
  type: "object",
  description: "The platform of one stack.",
  additionalProperties: false,
  required: ["environment", "cluster"],
  properties: {
    environment: {
      type: "string",
      pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
      description: "Stands on all telemetry as `deployment.environment.name`.",
    },
    cluster: {
      type: "object",
      description: "The cluster that is deployed to.",
      additionalProperties: false,
      required: ["name"],
      properties: {
        name: {
          type: "string",
          pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,60}[a-zA-Z0-9])?$",
          description: "Stands on all telemetry as `k8s.cluster.name`.",
        },
        context: {
          type: "string",
          minLength: 1,
          description:
            "Context of the kubeconfig to deploy with. Without it, the kubeconfig's current one; `npm run local` then makes a cluster of its own.",
        },
        domain: {
          type: "string",
          maxLength: 150,
          pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
          default: "cluster.local",
          description: "DNS domain of the cluster's services.",
        },
        apiServerPorts: {
          type: "array",
          description:
            "Ports that the API server's own addresses listen on, for the network policies.",
          items: { type: "integer", minimum: 1, maximum: 65_535 },
          minItems: 1,
          uniqueItems: true,
          default: [443, 6_443],
        },
        kubeletPort: {
          type: "integer",
          minimum: 1,
          maximum: 65_535,
          default: 10_250,
          description: "Port of the kubelets' own metrics, for the network policies.",
        },
        storageClass: {
          type: "string",
          maxLength: 253,
          pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
          description: "Class of all volumes. Without it, the cluster's default.",
        },
        kubeletCertificates: {
          type: "string",
          enum: ["clusterAuthority", "unverified"],
          default: "clusterAuthority",
          description:
            "How Prometheus checks kubelets: by the cluster's authority, or not at all, for clusters whose kubelets sign their own (the traffic stays encrypted).",
        },
      },
    },
    namespace: {
      type: "string",
      pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
      default: "sightline",
      description: "Namespace of the platform.",
    },
    tenants,
    images: {
      type: "object",
      description: "Where images come from.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        registry: {
          type: "string",
          pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
          description: "A mirror's host and path, put before every image's name.",
        },
        buildFor: {
          type: "string",
          enum: ["linux/amd64", "linux/arm64"],
          description:
            "Build the images of the project's own programs (`drain/`, `examples/`) with this machine's Docker, for nodes of this one platform, and push them to `registry` with Docker's own login. Without it, nodes pull what is there.",
        },
        pullPolicy: {
          type: "string",
          enum: ["IfNotPresent", "Always", "Never"],
          default: "IfNotPresent",
          description: "When nodes pull images.",
        },
        pullSecrets: {
          type: "array",
          description: "Names of existing Secrets that nodes pull with.",
          uniqueItems: true,
          items: { type: "string", maxLength: 253, pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" },
          default: [],
        },
      },
    },
    workload,
    replayMinutes: {
      type: "integer",
      minimum: 1,
      maximum: 720,
      default: 60,
      description:
        "How late a record may come, as after an outage that the queues bridged: what Loki and Prometheus still accept. Costs both memory.",
    },
    collector: {
      type: "object",
      description: "The OpenTelemetry collectors.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: { agent, cluster, gateway, balancer, processing, sampler, fanOut },
    },
    storage,
    aws,
    loki,
    tempo,
    prometheus,
    alertmanager,
    grafana,
    examples: {
      type: "array",
      description: "Example applications to deploy beside the platform.",
      uniqueItems: true,
      items: { type: "string", enum: ["hello"] },
      default: [],
    },
  },
} as const;

/** What a user writes, once the schema's defaults are filled in. */
export type PlatformConfig = FromSchema<
  typeof platformSchema,
  { keepDefaultedPropertiesOptional: false }
>;
