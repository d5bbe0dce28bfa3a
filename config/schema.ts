import type { FromSchema } from "json-schema-to-ts";

/** What one container asks for and may use. Memory is asked for whole, so a node that takes the pod can hold it. */
function resources(defaults: { cpuRequest: number; cpuLimit: number; memory: number }) {
  return {
    type: "object",
    description: "What the container asks for and may use.",
    additionalProperties: false,
    required: [],
    default: {},
    properties: {
      cpuRequestMillicores: {
        type: "integer",
        minimum: 10,
        maximum: 64_000,
        default: defaults.cpuRequest,
        description: "CPU asked for, in thousandths of a core.",
      },
      cpuLimitMillicores: {
        type: "integer",
        minimum: 50,
        maximum: 64_000,
        default: defaults.cpuLimit,
        description: "CPU it may use at most, in thousandths of a core.",
      },
      memoryMiB: {
        type: "integer",
        minimum: 64,
        maximum: 1_048_576,
        default: defaults.memory,
        description: "Memory request and limit; Go's own limit (GOMEMLIMIT) is 80 % of it.",
      },
    },
  } as const;
}

function volumeGiB(defaultGiB: number, what: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 65_536,
    default: defaultGiB,
    description: `Volume of each replica for ${what}.`,
  } as const;
}

function replicas(defaultCount: number, why: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 50,
    default: defaultCount,
    description: why,
  } as const;
}

function retentionDays(defaultDays: number, what: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 3_650,
    default: defaultDays,
    description: `How long ${what} are kept, in days.`,
  } as const;
}

const memoryLimiter = {
  type: "object",
  description:
    "When a collector refuses data instead of being killed. Refused senders retry; nothing is lost by it.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    limitMiB: {
      type: "integer",
      minimum: 64,
      maximum: 262_144,
      default: 2_048,
      description: "Heap at which everything is refused and collected.",
    },
    spikeMiB: {
      type: "integer",
      minimum: 8,
      maximum: 131_072,
      description:
        "Room kept below the limit: refusing starts at limit minus spike. Derived: a quarter of the limit.",
    },
    checkIntervalMs: {
      type: "integer",
      minimum: 100,
      maximum: 10_000,
      default: 500,
      description: "How often memory is looked at.",
    },
  },
} as const;

const batch = {
  type: "object",
  description: "How exporters batch, inside their queues.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    maxRecords: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      default: 1_000,
      description: "Records after which a batch leaves.",
    },
    timeoutMs: {
      type: "integer",
      minimum: 50,
      maximum: 60_000,
      default: 5_000,
      description:
        "Longest wait for a batch to fill. An upper bound: paths with a lag objective wait less (logs 1 s, traces 200 ms).",
    },
  },
} as const;

const queue = {
  type: "object",
  description: "The sending queue of each exporter: what an outage of a backend is bridged with.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    storage: {
      type: "string",
      enum: ["disk", "memory"],
      default: "disk",
      description:
        "`disk` survives a killed pod and makes the collector a StatefulSet; `memory` does not, and makes it a Deployment.",
    },
    maxRecords: {
      type: "integer",
      minimum: 100,
      maximum: 1_000_000_000,
      default: 2_000_000,
      description: "Records each exporter's queue holds before senders are refused.",
    },
    recordBytes: {
      type: "integer",
      minimum: 100,
      maximum: 1_048_576,
      default: 1_024,
      description: "Size of a stored record that the volume is checked against.",
    },
    volumeGiB: volumeGiB(20, "the queues"),
  },
} as const;

const storage = {
  type: "object",
  description: "Where Loki and Tempo keep what they store.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    kind: {
      type: "string",
      enum: ["volume", "s3"],
      default: "volume",
      description:
        "`volume`: each on its own disk, one replica each. `s3`: any object store that speaks S3, needed for more replicas.",
    },
    lokiBucket: {
      type: "string",
      minLength: 3,
      maxLength: 63,
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
      description: "Bucket of Loki's chunks, index and rules. Needed with `s3`.",
    },
    tempoBucket: {
      type: "string",
      minLength: 3,
      maxLength: 63,
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
      description: "Bucket of Tempo's blocks. Needed with `s3`.",
    },
    region: {
      type: "string",
      maxLength: 63,
      pattern: "^[A-Za-z0-9_-]+$",
      default: "us-east-1",
      description: "Region of the buckets.",
    },
    endpoint: {
      type: "string",
      pattern: "^https?://[A-Za-z0-9.:-]+$",
      description:
        "URL of an object store that is not AWS, with scheme, host and port. Without it, AWS's own of the region.",
    },
    credentials: {
      type: "string",
      enum: ["keys", "identity"],
      default: "keys",
      description:
        "`keys`: access key and secret key from the stack's secrets. `identity`: the pods' service accounts are allowed by the cloud (set `serviceAccountAnnotations`, or `aws`).",
    },
    serviceAccountAnnotations: {
      type: "object",
      description:
        "Annotations for Loki's and Tempo's service accounts, such as the role that the cloud grants them.",
      additionalProperties: { type: "string" },
      default: {},
    },
  },
} as const;

const aws = {
  type: "object",
  description:
    "Makes the buckets of `storage` on AWS, and the roles by which Loki and Tempo reach them. Left out, nothing of AWS is made or loaded.",
  additionalProperties: false,
  required: ["oidcProviderArn"],
  properties: {
    oidcProviderArn: {
      type: "string",
      pattern: "^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[A-Za-z0-9./_-]+$",
      description:
        "IAM's OIDC provider of the EKS cluster: by it, AWS knows the cluster's service accounts. Its account is the one that everything is made in.",
    },
    createBuckets: {
      type: "boolean",
      default: true,
      description:
        "Make the buckets. `false` makes the roles alone, for buckets that are there, such as those that a `destroy` has left.",
    },
  },
} as const;

const gateway = {
  type: "object",
  description: "The collectors that everything enters through.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: {
      type: "object",
      description: "How many collectors; scaled by load between the two when they differ.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        min: replicas(3, "Always running."),
        max: replicas(10, "At most."),
      },
    },
    autoscaling: {
      type: "object",
      description: "When a collector is added.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        cpuPercent: {
          type: "integer",
          minimum: 10,
          maximum: 100,
          default: 65,
          description: "Of the CPU request, averaged over the replicas.",
        },
        memoryPercent: {
          type: "integer",
          minimum: 10,
          maximum: 100,
          default: 55,
          description:
            "Of the memory request, averaged over the replicas. Below 60, where the memory limiter starts to refuse unless it is set otherwise.",
        },
        scaleDownDelaySeconds: {
          type: "integer",
          minimum: 0,
          maximum: 3_600,
          default: 600,
          description: "How long load must stay low before a collector is taken away.",
        },
      },
    },
    resources: {
      type: "object",
      description: "What the container asks for and may use.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        cpuRequestMillicores: {
          type: "integer",
          minimum: 10,
          maximum: 64_000,
          default: 1_000,
          description: "CPU asked for, in thousandths of a core.",
        },
        cpuLimitMillicores: {
          type: "integer",
          minimum: 50,
          maximum: 64_000,
          default: 4_000,
          description: "CPU it may use at most, in thousandths of a core.",
        },
        memoryMiB: {
          type: "integer",
          minimum: 64,
          maximum: 1_048_576,
          description:
            "Memory request and limit. Derived: the limiter's limit and a quarter more, so that GOMEMLIMIT (80 %) equals the limit.",
        },
      },
    },
    memoryLimiter,
    batch,
    queue,
    debugExporter: {
      type: "boolean",
      default: false,
      description: "Also print what passes through to the collector's own log. For development.",
    },
    maxRequestMiB: {
      type: "integer",
      minimum: 1,
      maximum: 128,
      default: 16,
      description: "Largest request taken, after decompression for HTTP.",
    },
    connectionAgeSeconds: {
      type: "integer",
      minimum: 10,
      maximum: 86_400,
      default: 60,
      description:
        "Age at which a gRPC connection is ended gently, so that clients spread over new replicas.",
    },
    public: {
      type: "object",
      description: "The listener for senders outside the cluster: always TLS, always a token.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        enabled: {
          type: "boolean",
          default: true,
          description: "Listen for senders outside the cluster.",
        },
        dnsNames: {
          type: "array",
          description:
            "Names that senders dial, for the certificate that `npm run secrets` makes. The in-cluster names are always in it.",
          uniqueItems: true,
          items: {
            type: "string",
            maxLength: 253,
            pattern:
              "^(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
          },
          default: [],
        },
      },
    },
  },
} as const;

const sampler = {
  type: "object",
  description:
    "The tier that sees each trace whole: it makes request metrics of everything, then decides what is kept.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: replicas(3, "Fixed: each trace belongs to one of them by its id."),
    resources: resources({ cpuRequest: 500, cpuLimit: 2_000, memory: 2_560 }),
    memoryLimitMiB: {
      type: "integer",
      minimum: 64,
      maximum: 262_144,
      description: "Heap at which spans are refused. Derived: 80 % of the container's memory.",
    },
    decisionWaitSeconds: {
      type: "integer",
      minimum: 1,
      maximum: 300,
      default: 30,
      description: "Longest wait for a trace whose root span has not come.",
    },
    decisionWaitAfterRootMs: {
      type: "integer",
      minimum: 100,
      maximum: 60_000,
      default: 500,
      description: "Wait after the root span for its stragglers, counted on a one-second tick.",
    },
    maxTraces: {
      type: "integer",
      minimum: 1_000,
      maximum: 10_000_000,
      default: 100_000,
      description: "Traces held while undecided, by each replica.",
    },
    keep: {
      type: "object",
      description: "Which traces are kept. Errors always are.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        slowerThanMs: {
          type: "integer",
          minimum: 1,
          maximum: 3_600_000,
          default: 2_000,
          description: "Traces at least this long are always kept.",
        },
        percentage: {
          type: "integer",
          minimum: 0,
          maximum: 100,
          default: 10,
          description: "Of the rest, the share that is kept above the budget.",
        },
        budgetSpansPerSecond: {
          type: "integer",
          minimum: 0,
          maximum: 10_000_000,
          default: 500,
          description: "Of the rest, spans a second that are kept before the percentage applies.",
        },
      },
    },
  },
} as const;

const loki = {
  type: "object",
  description: "Where logs are kept.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: replicas(
      3,
      "More than one needs an object store; three hold every record thrice until it is stored.",
    ),
    retentionDays: retentionDays(31, "logs"),
    ingestionRateMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 16,
      description: "MiB a second that Loki takes before it refuses.",
    },
    ingestionBurstMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 32,
      description: "MiB that may come at once. Must hold the largest batch.",
    },
    streamRateMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 16,
      description: "MiB a second of one stream. Loki's own default of 3 refuses a busy service.",
    },
    streamBurstMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 32,
      description: "MiB that may come at once in one stream.",
    },
    resources: resources({ cpuRequest: 500, cpuLimit: 4_000, memory: 4_096 }),
    volumeGiB: volumeGiB(
      50,
      "the write-ahead log, the index and, without an object store, all logs",
    ),
  },
} as const;

const tempo = {
  type: "object",
  description: "Where traces are kept.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: replicas(3, "More than one needs an object store."),
    retentionDays: retentionDays(7, "traces"),
    ingestionRateMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 32,
      description: "MiB a second that Tempo takes before it refuses.",
    },
    ingestionBurstMiB: {
      type: "integer",
      minimum: 1,
      maximum: 10_240,
      default: 64,
      description: "MiB that may come at once.",
    },
    maxTraceMiB: {
      type: "integer",
      minimum: 1,
      maximum: 1_024,
      default: 10,
      description: "Largest trace; spans above it are refused.",
    },
    resources: resources({ cpuRequest: 500, cpuLimit: 4_000, memory: 4_096 }),
    volumeGiB: volumeGiB(50, "the write-ahead log and, without an object store, all traces"),
  },
} as const;

const prometheus = {
  type: "object",
  description: "Where metrics are kept and alert rules are evaluated.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: {
      type: "integer",
      minimum: 1,
      maximum: 2,
      default: 2,
      description:
        "Each gets everything; Grafana reads the first, Alertmanager drops the double alerts.",
    },
    retentionDays: retentionDays(15, "metrics"),
    retentionPercent: {
      type: "integer",
      minimum: 10,
      maximum: 90,
      default: 80,
      description:
        "Share of the volume at which the oldest metrics go early, so that it never fills.",
    },
    scrapeIntervalSeconds: {
      type: "integer",
      minimum: 5,
      maximum: 120,
      default: 30,
      description:
        "How often targets are scraped. At most 120: a query looks back 5 minutes, and one lost scrape must not leave a gap.",
    },
    evaluationIntervalSeconds: {
      type: "integer",
      minimum: 1,
      maximum: 300,
      default: 30,
      description: "How often rules are evaluated.",
    },
    outOfOrderMinutes: {
      type: "integer",
      minimum: 1,
      maximum: 1_440,
      default: 60,
      description: "How late a sample may come, as after an outage that the queues bridged.",
    },
    maxExemplars: {
      type: "integer",
      minimum: 1_000,
      maximum: 10_000_000,
      default: 100_000,
      description: "Exemplars kept in memory, in a ring.",
    },
    resources: resources({ cpuRequest: 500, cpuLimit: 4_000, memory: 4_096 }),
    volumeGiB: volumeGiB(50, "metrics"),
  },
} as const;

const alertmanager = {
  type: "object",
  description: "Who is told.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: replicas(3, "They agree among themselves, so that each alert is told once."),
    webhooks: {
      type: "array",
      description: "URLs that every alert is posted to, in Alertmanager's webhook format.",
      uniqueItems: true,
      items: { type: "string", pattern: "^https?://[^\\s]+$" },
      default: [],
    },
    runbooksUrl: {
      type: "string",
      pattern: "^https?://[^\\s]+$",
      description:
        "URL that this project's `docs/runbooks` is read at, for the link of each alert. Without it, an alert says its page's path.",
    },
    resources: resources({ cpuRequest: 50, cpuLimit: 500, memory: 256 }),
    volumeGiB: volumeGiB(1, "silences and what was already told"),
  },
} as const;

const grafana = {
  type: "object",
  description: "What people look at.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    enabled: { type: "boolean", default: true, description: "Deploy Grafana." },
    rootUrl: {
      type: "string",
      pattern: "^https?://[^\\s]+$",
      description:
        "URL that people open Grafana at, for links in alerts. Without it, links are left out.",
    },
    resources: resources({ cpuRequest: 100, cpuLimit: 1_000, memory: 1_024 }),
    volumeGiB: volumeGiB(5, "users, preferences and dashboards made by hand"),
  },
} as const;

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
        buildExamplesFor: {
          type: "string",
          enum: ["linux/amd64", "linux/arm64"],
          description:
            "Build the images of `examples` with this machine's Docker, for nodes of this one platform, and push them to `registry` with Docker's own login. Without it, nodes pull what is there.",
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
    collector: {
      type: "object",
      description: "The OpenTelemetry collectors.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: { gateway, sampler },
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
