import { replicas, resources } from "./schema-parts.ts";

/** `platform.collector.sampler`. */
export const sampler = {
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
      description:
        "Wait after the root span for its stragglers. Samplers decide once a second and count whole seconds: 500 means up to one second, 1500 one to two.",
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
