import { replicas, resources } from "./schema-parts.ts";

const queue = {
  type: "object",
  description: "The sending queue of each signal, on the node's own disk.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    directory: {
      type: "string",
      maxLength: 200,
      pattern: "^(/[A-Za-z0-9._-]+)+$",
      default: "/var/lib/sightline-agents",
      description:
        "Folder of every node for queues and checkpoints. Each stack has a folder of its own in it, which outlives the stack.",
    },
    maxRecords: {
      type: "integer",
      minimum: 100,
      maximum: 100_000_000,
      default: 500_000,
      description:
        "Records that each of the three signals' queues holds before senders are refused.",
    },
    diskMiB: {
      type: "integer",
      minimum: 16,
      maximum: 16_777_216,
      default: 2_400,
      description:
        "What the queues may take of the node's disk; full queues are checked against it.",
    },
  },
} as const;

/** `platform.collector.agent`. */
export const agent = {
  type: "object",
  description:
    "The collector of each node: applications send to it, and it reads what their containers print.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    resources: resources({ cpuRequest: 100, cpuLimit: 2_000, memory: 512 }),
    memoryLimitMiB: {
      type: "integer",
      minimum: 64,
      maximum: 262_144,
      description: "Heap at which everything is refused. Derived: 80 % of the container's memory.",
    },
    queue,
    metricsIntervalSeconds: {
      type: "integer",
      minimum: 5,
      maximum: 300,
      default: 30,
      description: "How often the node and its kubelet are measured.",
    },
    priorityClass: {
      type: "string",
      maxLength: 253,
      pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
      default: "system-node-critical",
      description:
        "Priority of the agents. With the default one a full node makes room for its agent; the namespace gets the quota that some clusters ask for it.",
    },
  },
} as const;

/** `platform.collector.cluster`. */
export const cluster = {
  type: "object",
  description: "The collector of the cluster's state and events: one is elected, the others wait.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    replicas: replicas(2, "One works; another takes over within ten seconds."),
    resources: resources({ cpuRequest: 50, cpuLimit: 1_000, memory: 256 }),
    metricsIntervalSeconds: {
      type: "integer",
      minimum: 5,
      maximum: 300,
      default: 30,
      description: "How often the state is told.",
    },
  },
} as const;
