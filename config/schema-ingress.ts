/** `platform.tenants`. */
export const tenants = {
  type: "array",
  description:
    "Whose telemetry comes from outside the cluster. Each has a token of its own, and its name stands on what comes with it as `sightline.tenant`.",
  uniqueItems: true,
  minItems: 1,
  items: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$" },
  default: ["default"],
} as const;

/** `platform.collector.gateway.public`. */
export const publicListener = {
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
    tlsSecret: {
      type: "string",
      maxLength: 253,
      pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
      description:
        "Name of a Secret of type `kubernetes.io/tls` in the platform's namespace, such as cert-manager makes. Its certificate is shown to senders outside, and a renewed one is taken up without a restart. Without it, `npm run secrets` makes one.",
    },
  },
} as const;

/** `platform.collector.gateway.browser`. */
export const browserListener = {
  type: "object",
  description:
    "The listener for browsers, which can keep no token: OTLP over HTTP with TLS, open where `origins` names any.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    origins: {
      type: "array",
      description:
        "Origins whose pages may send, such as `https://app.example.com` or `https://*.example.com`. None: there is no such listener.",
      uniqueItems: true,
      items: {
        type: "string",
        maxLength: 253,
        pattern: "^https?://(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$",
      },
      default: [],
    },
    tenant: {
      type: "string",
      pattern: "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$",
      default: "default",
      description: "Whose what browsers send is; one of `platform.tenants`.",
    },
    maxRequestKiB: {
      type: "integer",
      minimum: 16,
      maximum: 16_384,
      default: 512,
      description: "Largest request taken, before and after decompression.",
    },
  },
} as const;
