import {
  batch,
  byName,
  common,
  filter,
  givenName,
  headers,
  queue,
  retry,
  secretHeaders,
  secretName,
  tls,
  url,
} from "./schema-fan-out-parts.ts";
import { volumeGiB } from "./schema-parts.ts";

const otlp = {
  type: "object",
  description: "Whatever speaks OTLP.",
  additionalProperties: false,
  required: ["endpoint"],
  properties: {
    endpoint: {
      ...url,
      description:
        "Where it listens. `https` for TLS; `http` for none. With the protocol http, `/v1/logs` and so on is added.",
    },
    protocol: {
      type: "string",
      enum: ["grpc", "http"],
      default: "grpc",
      description: "OTLP over gRPC, or over HTTP.",
    },
    compression: {
      type: "string",
      enum: ["gzip", "zstd", "none"],
      default: "gzip",
      description: "Of requests.",
    },
    headers,
    secretHeaders,
    tls,
    ...common(1_000, 5_000),
  },
} as const;

const elasticsearch = {
  type: "object",
  description: "An Elasticsearch.",
  additionalProperties: false,
  required: ["endpoints"],
  properties: {
    endpoints: {
      type: "array",
      description: "URLs of its nodes, used in turn.",
      minItems: 1,
      uniqueItems: true,
      items: url,
    },
    user: {
      ...givenName,
      description: "Who logs in, with `passwordSecret`. Without it, nobody does.",
    },
    passwordSecret: {
      ...secretName,
      description: "Name of the password under `fanOutSecrets`. Needed with `user`.",
    },
    apiKeySecret: {
      ...secretName,
      description:
        "Name of an API key under `fanOutSecrets`, base64 as Elasticsearch shows it. Without it, `user` or nobody.",
    },
    indexes: {
      type: "object",
      description: "Indexes of one's own, instead of the data streams that Elasticsearch expects.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        logs: { ...givenName, description: "Of logs. Without it, data streams `logs-*`." },
        traces: { ...givenName, description: "Of spans. Without it, data streams `traces-*`." },
        metrics: { ...givenName, description: "Of metrics. Without it, data streams `metrics-*`." },
      },
    },
    compression: {
      type: "string",
      enum: ["gzip", "none"],
      default: "gzip",
      description: "Of requests.",
    },
    tls,
    ...common(2_000, 5_000),
  },
} as const;

const file = {
  type: "object",
  description: "Files on a volume of their own, one a signal.",
  additionalProperties: false,
  required: [],
  properties: {
    volumeGiB: volumeGiB(10, "these files"),
    maxFileMiB: {
      type: "integer",
      minimum: 1,
      maximum: 1_048_576,
      default: 100,
      description: "Size at which a file is closed and the next one begun.",
    },
    maxFiles: {
      type: "integer",
      minimum: 1,
      maximum: 10_000,
      default: 10,
      description: "Closed files that are kept of each signal; the oldest goes first.",
    },
    maxAgeDays: {
      type: "integer",
      minimum: 0,
      maximum: 3_650,
      default: 0,
      description: "Age in days at which a closed file is removed. 0: by number only.",
    },
    format: {
      type: "string",
      enum: ["json", "protobuf"],
      default: "json",
      description: "OTLP as JSON, a batch a line, or as protobuf, each batch after its length.",
    },
    compression: {
      type: "string",
      enum: ["zstd", "none"],
      default: "none",
      description:
        "With `zstd` each batch is compressed by itself and stands after its length in four bytes, in JSON too.",
    },
    ...common(1_000, 1_000),
  },
} as const;

const s3 = {
  type: "object",
  description: "An archive in an object store.",
  additionalProperties: false,
  required: ["bucket"],
  properties: {
    bucket: {
      type: "string",
      minLength: 3,
      maxLength: 63,
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
      description: "Bucket, which is there already.",
    },
    prefix: {
      type: "string",
      pattern: "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
      default: "sightline",
      description: "Folder in it; below it a folder for each hour, in UTC.",
    },
    region: {
      type: "string",
      maxLength: 63,
      pattern: "^[A-Za-z0-9_-]+$",
      default: "us-east-1",
      description: "Region of the bucket.",
    },
    endpoint: {
      type: "string",
      pattern: "^https?://[A-Za-z0-9.:-]+$",
      description: "URL of an object store that is not AWS. Without it, AWS's own of the region.",
    },
    accessKeySecret: {
      ...secretName,
      description:
        "Name of the access key under `fanOutSecrets`. Without it, what the cloud grants the gateway's service account (`collector.gateway.serviceAccountAnnotations`).",
    },
    secretKeySecret: {
      ...secretName,
      description: "Name of the secret key under `fanOutSecrets`. Needed with `accessKeySecret`.",
    },
    format: {
      type: "string",
      enum: ["json", "protobuf"],
      default: "json",
      description: "OTLP as JSON or as protobuf.",
    },
    compression: {
      type: "string",
      enum: ["gzip", "zstd", "none"],
      default: "gzip",
      description: "Of objects.",
    },
    // An object for each batch: few large ones are cheaper to keep and to read.
    ...common(20_000, 60_000),
  },
} as const;

const kafka = {
  type: "object",
  description: "A Kafka.",
  additionalProperties: false,
  required: ["brokers"],
  properties: {
    brokers: {
      type: "array",
      description: "Hosts and ports that it is found at.",
      minItems: 1,
      uniqueItems: true,
      items: { type: "string", pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$" },
    },
    encryption: {
      type: "string",
      enum: ["tls", "none"],
      default: "tls",
      description: "Of connections.",
    },
    user: {
      ...givenName,
      description: "Who logs in, with `passwordSecret`. Without it, nobody does.",
    },
    passwordSecret: {
      ...secretName,
      description: "Name of the password under `fanOutSecrets`. Needed with `user`.",
    },
    mechanism: {
      type: "string",
      enum: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
      default: "SCRAM-SHA-512",
      description: "How `user` logs in.",
    },
    topics: {
      type: "object",
      description: "Where each signal goes.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        logs: { ...givenName, default: "otlp_logs", description: "Topic of logs." },
        traces: { ...givenName, default: "otlp_spans", description: "Topic of spans." },
        metrics: { ...givenName, default: "otlp_metrics", description: "Topic of metrics." },
      },
    },
    format: {
      type: "string",
      enum: ["json", "protobuf"],
      default: "protobuf",
      description: "OTLP as JSON or as protobuf.",
    },
    compression: {
      type: "string",
      enum: ["zstd", "lz4", "snappy", "gzip", "none"],
      default: "zstd",
      description: "Of messages.",
    },
    tls,
    ...common(1_000, 1_000),
    batch: {
      type: "object",
      description: "What one message holds.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        maxKiB: {
          type: "integer",
          minimum: 16,
          maximum: 65_536,
          default: 900,
          description:
            "Most that it holds, before compression. Brokers refuse more than they are set to, which is 1 MiB unless set.",
        },
        timeoutMs: {
          type: "integer",
          minimum: 50,
          maximum: 900_000,
          default: 1_000,
          description: "Longest wait for it to fill.",
        },
      },
    },
  },
} as const;

const prometheusRemoteWrite = {
  type: "object",
  description: "What takes Prometheus's remote write, and no OTLP. Metrics only.",
  additionalProperties: false,
  required: ["endpoint"],
  properties: {
    endpoint: { ...url, description: "The whole URL, such as `https://host/api/v1/write`." },
    headers,
    secretHeaders,
    tls,
    filter,
    queue,
    batch: batch(1_000, 5_000),
    retry: retry(
      60,
      "After how long a request is dropped, counted and alerted. 0: after a day, since this kind must end.",
    ),
  },
} as const;

/** `platform.collector.fanOut`. */
export const fanOut = {
  type: "object",
  description:
    "Where else a copy of what comes in goes, by kind and name. Each target has a queue of its own behind the gateway's: one that is away, slow or full costs the others nothing, and loses only its own.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    otlp: byName("Whatever speaks OTLP: Dash0, Jaeger, another collector.", otlp),
    elasticsearch: byName("Elasticsearch.", elasticsearch),
    file: byName("Files, rotated.", file),
    s3: byName("Archives in an object store.", s3),
    kafka: byName("Kafka.", kafka),
    prometheusRemoteWrite: byName("Prometheus's remote write.", prometheusRemoteWrite),
  },
} as const;
