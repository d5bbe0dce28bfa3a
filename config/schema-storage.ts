/** `platform.storage`. */
export const storage = {
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

/** `platform.aws`. */
export const aws = {
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
