import { browserListener, publicListener } from "./schema-ingress.ts";
import { replicas, volumeGiB } from "./schema-parts.ts";

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

/** `platform.collector.gateway`. */
export const gateway = {
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
        queueFillPercent: {
          type: "integer",
          minimum: 5,
          maximum: 90,
          description:
            "Fill of the fullest queue, averaged over the replicas, from which a collector is added. Needs an adapter that serves Prometheus' series to autoscalers, as docs/queue-fill.md says. Without it, CPU and memory alone count.",
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
    drainSeconds: {
      type: "integer",
      minimum: 0,
      maximum: 3_600,
      default: 300,
      description:
        "How long a collector that is scaled away may wait until its queues on disk are empty; what is left then stays on its volume, is named in its log and alerted. One that is rolled does not wait. 0: no waiting, and no sidecar whose image nodes must get.",
    },
    debugExporter: {
      type: "boolean",
      default: false,
      description: "Also print what passes through to the collector's own log. For development.",
    },
    serviceAccountAnnotations: {
      type: "object",
      description:
        "Annotations for the gateway's service account, such as the role by which the cloud lets it write to an archive of `fanOut.s3`.",
      additionalProperties: { type: "string" },
      default: {},
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
    public: publicListener,
    browser: browserListener,
  },
} as const;
