import { replicas, resources, retentionDays, volumeGiB } from "./schema-parts.ts";

/** `platform.loki`. */
export const loki = {
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

/** `platform.tempo`. */
export const tempo = {
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

/** `platform.prometheus`. */
export const prometheus = {
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

/** `platform.alertmanager`. */
export const alertmanager = {
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

/** `platform.grafana`. */
export const grafana = {
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
