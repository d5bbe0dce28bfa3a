const redaction = {
  type: "object",
  description:
    "What is taken out of every signal before it is stored: fields whose names say that they are secrets, and values that look like one.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    action: {
      type: "string",
      enum: ["mask", "hash"],
      default: "mask",
      description:
        "`hash` writes SHA-256 of a secret field instead of `****`, so that equal values can be told to be equal; what is easily guessed can then be guessed. Secrets inside a text are masked either way.",
    },
    cardNumbers: {
      type: "boolean",
      default: true,
      description:
        "Also take out card numbers: 13 to 19 digits of a known issuer with a right check digit.",
    },
    emails: {
      type: "boolean",
      default: false,
      description: "Also take out e-mail addresses. Costs CPU for every record that has an `@`.",
    },
    extraKeys: {
      type: "array",
      description:
        "Names of further fields that are secrets, without regard to case, wherever they stand.",
      uniqueItems: true,
      items: { type: "string", maxLength: 100, pattern: "^[A-Za-z0-9._-]+$" },
      default: [],
    },
    keepKeys: {
      type: "array",
      description: "Names of fields that are no secrets though they sound like one.",
      uniqueItems: true,
      items: { type: "string", maxLength: 100, pattern: "^[A-Za-z0-9._-]+$" },
      default: [],
    },
  },
} as const;

const noise = {
  type: "object",
  description: "What is dropped because it says nothing. Never an error.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    paths: {
      type: "array",
      description:
        "Paths of health checks and scrapes: their successful spans and access logs are dropped.",
      uniqueItems: true,
      items: { type: "string", maxLength: 100, pattern: "^/[A-Za-z0-9/._-]+$" },
      default: [
        "/healthz",
        "/readyz",
        "/livez",
        "/health",
        "/ready",
        "/live",
        "/metrics",
        "/-/healthy",
        "/-/ready",
      ],
    },
  },
} as const;

const limits = {
  type: "object",
  description:
    "How large one record may be. What is taken is marked on the record (`sightline.cleaned`) and counted.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    attributes: {
      type: "integer",
      minimum: 16,
      maximum: 128,
      default: 64,
      description: "Attributes of one log, span or span event; those that come last are dropped.",
    },
    valueBytes: {
      type: "integer",
      minimum: 256,
      maximum: 65_536,
      default: 4_096,
      description:
        "Length of one attribute's text; the rest is cut. A longer stack trace of a log moves into its body instead.",
    },
    metadataBytes: {
      type: "integer",
      minimum: 4_096,
      maximum: 65_536,
      default: 49_152,
      description:
        "All attributes of one log together; beyond it each is cut to its share. Loki refuses a log with more than 64 KiB.",
    },
    bodyBytes: {
      type: "integer",
      minimum: 1_024,
      maximum: 1_048_576,
      default: 131_072,
      description: "Length of a log's text; the rest is cut.",
    },
    metricAttributes: {
      type: "integer",
      minimum: 4,
      maximum: 128,
      default: 32,
      description:
        "Attributes of one data point. Points with more are dropped: without some of its attributes a point would be another series.",
    },
    unboundedMetricKeys: {
      type: "array",
      description:
        "Attributes with a new value for every request or job. Data points that carry one are dropped: each would be a series of its own.",
      uniqueItems: true,
      items: { type: "string", maxLength: 100, pattern: "^[A-Za-z0-9._-]+$" },
      default: [
        "request.id",
        "job.id",
        "step.id",
        "gen_ai.conversation.id",
        "session.id",
        "trace_id",
        "span_id",
      ],
    },
  },
} as const;

/** `platform.collector.processing`. */
export const processing = {
  type: "object",
  description: "What the gateways do to records before they are dealt out.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    unpackJson: {
      type: "boolean",
      default: true,
      description:
        "Logs whose body is a logger's JSON line get its message as their body and its other fields as attributes.",
    },
    redaction,
    noise,
    limits,
  },
} as const;
