import { tenantAttribute } from "./attributes.ts";
import { replicas, resources } from "./schema-parts.ts";

/** One condition of a rule: an attribute with exactly this value. */
function condition(description: string) {
  return { type: "string", minLength: 1, maxLength: 255, description } as const;
}

const rules = {
  type: "array",
  description:
    "Shares of their own for some traces. The first rule that a trace meets decides, instead of budget and percentage.",
  default: [],
  items: {
    type: "object",
    description:
      "A trace meets a rule when one of its spans has everything that the rule names. Errors and slow traces are kept whatever a rule says.",
    additionalProperties: false,
    required: ["name", "percentage"],
    properties: {
      name: {
        type: "string",
        pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
        description: "Stands in the samplers' own metrics as the policy `rule-<name>`.",
      },
      service: condition("`service.name` of a span's resource. Without it, any."),
      route: condition("`http.route` of a span, as in `/users/:id`. Without it, any."),
      tenant: condition(`\`${tenantAttribute}\` of a span's resource. Without it, any.`),
      percentage: {
        type: "integer",
        minimum: 0,
        maximum: 100,
        description: "Share of these traces that is kept: 0 for noise such as health checks.",
      },
    },
  },
} as const;

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
      description:
        "Which traces are kept. Errors always are: an error's span is stored at once, the rest of its trace with the decision.",
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
        rules,
      },
    },
  },
} as const;
