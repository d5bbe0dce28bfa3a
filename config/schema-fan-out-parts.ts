/** Where a target is found. */
export const url = { type: "string", pattern: "^https?://[^\\s]+$" } as const;
/** Names a value under the secret `fanOutSecrets`. */
export const secretName = {
  type: "string",
  pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
} as const;

const headerName = { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9-]*$" } as const;

/** Targets of one kind, by a name of the user's own. */
export function byName<const T>(description: string, target: T) {
  return {
    type: "object",
    description,
    propertyNames: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$" },
    additionalProperties: target,
    default: {},
  } as const;
}

const signals = {
  type: "array",
  description: "What is sent. Traces are sent whole, before sampling.",
  minItems: 1,
  uniqueItems: true,
  items: { type: "string", enum: ["logs", "traces", "metrics"] },
  default: ["logs", "traces", "metrics"],
} as const;

/** Which records a target gets. */
export const filter = {
  type: "object",
  description: "Which records are sent: those that meet everything that is written here.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    minSeverity: {
      type: "string",
      enum: ["trace", "debug", "info", "warn", "error", "fatal"],
      description:
        "Logs of at least this severity; a log without one is left out. Holds for logs only. Without it, logs of every severity.",
    },
    services: {
      type: "array",
      description: "Values of `service.name`, of which it must be one. Empty: every service.",
      uniqueItems: true,
      items: { type: "string", minLength: 1, maxLength: 255 },
      default: [],
    },
    tenants: {
      type: "array",
      description: "Values of `sightline.tenant`, of which it must be one. Empty: every tenant.",
      uniqueItems: true,
      items: { type: "string", minLength: 1, maxLength: 255 },
      default: [],
    },
    attributes: {
      type: "object",
      description:
        "Attributes with the values that they must have, on the record or on its resource.",
      additionalProperties: { type: "string" },
      default: {},
    },
  },
} as const;

/** What one request to a target holds. */
export function batch(maxRecords: number, timeoutMs: number) {
  return {
    type: "object",
    description: "What one request holds.",
    additionalProperties: false,
    required: [],
    default: {},
    properties: {
      maxRecords: {
        type: "integer",
        minimum: 1,
        maximum: 100_000,
        default: maxRecords,
        description: "Most records of one request. A target that answers 413 needs less.",
      },
      timeoutMs: {
        type: "integer",
        minimum: 50,
        maximum: 900_000,
        default: timeoutMs,
        description: "Longest wait for a request to fill.",
      },
    },
  } as const;
}

/** How long a target is waited for. */
export function retry(giveUpAfterMinutes: number, description: string) {
  return {
    type: "object",
    description: "What happens when the target does not answer, or asks to come later.",
    additionalProperties: false,
    required: [],
    default: {},
    properties: {
      giveUpAfterMinutes: {
        type: "integer",
        minimum: 0,
        maximum: 43_200,
        default: giveUpAfterMinutes,
        description,
      },
    },
  } as const;
}

/** What a target may keep waiting. */
export const queue = {
  type: "object",
  description:
    "What waits while the target is away. On the gateway's volume, or in memory where the gateway's own queues are.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    maxMiB: {
      type: "integer",
      minimum: 1,
      maximum: 1_048_576,
      default: 512,
      description:
        "Room for each of its signals, in each replica. What comes when it is full is dropped for this target, counted and alerted.",
    },
  },
} as const;

/** What every target has beside its address. */
export function common(batchRecords: number, batchMs: number) {
  return {
    signals,
    filter,
    queue,
    batch: batch(batchRecords, batchMs),
    retry: retry(
      0,
      "After how long a request is dropped, counted and alerted. 0: never; its queue is the bound.",
    ),
  } as const;
}

/** TLS of a target that is dialled. */
export const tls = {
  type: "object",
  description: "How an `https` target proves who it is. It is always checked.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    authority: {
      type: "string",
      pattern: "^-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$",
      description:
        "Certificate of the authority that signed the target's, in PEM. Without it, the public ones are trusted.",
    },
    serverName: {
      type: "string",
      maxLength: 253,
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
      description: "Name that its certificate must hold. Without it, the one that is dialled.",
    },
  },
} as const;

/** Headers that anybody may read. */
export const headers = {
  type: "object",
  description: "Headers of each request that are no secrets, such as a data set's name.",
  propertyNames: headerName,
  additionalProperties: { type: "string" },
  default: {},
} as const;

/** Headers that nobody may read. */
export const secretHeaders = {
  type: "object",
  description:
    "Headers whose values are secrets: header to the name of the secret under `fanOutSecrets`, which holds the whole value, such as `Bearer …`.",
  propertyNames: headerName,
  additionalProperties: secretName,
  default: {},
} as const;

/** A user, a topic, an index: a name that is given by somebody else. */
export const givenName = {
  type: "string",
  minLength: 1,
  maxLength: 255,
} as const;
