import { replicas, resources } from "./schema-parts.ts";

const annotations = {
  type: "object",
  description: "Further annotations of the object, by key.",
  additionalProperties: { type: "string" },
  default: {},
} as const;

/** `platform.collector.balancer`. */
export const balancer = {
  type: "object",
  description:
    "What stands between senders outside the cluster and the gateways, and deals each request to one of them.",
  additionalProperties: false,
  required: [],
  default: {},
  properties: {
    kind: {
      type: "string",
      enum: ["clusterIP", "loadBalancer", "ingress", "none"],
      default: "clusterIP",
      description:
        "`clusterIP` and `loadBalancer`: the stack's own balancer, reached inside the cluster or through a load balancer of the cloud. `ingress`: the cluster's ingress controller in its place. `none`: the gateways' own Service.",
    },
    replicas: replicas(2, "Balancers."),
    resources: resources({ cpuRequest: 250, cpuLimit: 2_000, memory: 1_024 }),
    maxConnections: {
      type: "integer",
      minimum: 100,
      maximum: 500_000,
      default: 10_000,
      description:
        "Connections that one balancer holds at once, idle ones too. More wait until one ends.",
    },
    maxConnectionsPerSource: {
      type: "integer",
      minimum: 1,
      maximum: 500_000,
      default: 200,
      description: "Of these, for one address. More are closed at once.",
    },
    requestsPerSecondPerToken: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      default: 500,
      description:
        "Requests of one token that one balancer takes, over 10 s; more are answered with 429. A request carries a whole batch.",
    },
    requestsPerSecondPerSource: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      default: 500,
      description: "The same for one address.",
    },
    browserRequestsPerSecondPerSource: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      default: 20,
      description: "The same for one address on the browsers' listener.",
    },
    loadBalancer: {
      type: "object",
      description: "For `kind: loadBalancer`: the load balancer that the cloud makes.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        provider: {
          type: "string",
          enum: ["aws", "other"],
          default: "aws",
          description:
            "`aws` writes the annotations of a Network Load Balancer that keeps the senders' addresses.",
        },
        scheme: {
          type: "string",
          enum: ["internal", "internet-facing"],
          default: "internal",
          description: "Who reaches it, on AWS.",
        },
        sourceRanges: {
          type: "array",
          description: "Address ranges that may connect, as in 203.0.113.0/24. None: all.",
          uniqueItems: true,
          items: { type: "string", pattern: "^[0-9a-fA-F.:]+/[0-9]{1,3}$" },
          default: [],
        },
        annotations,
      },
    },
    ingress: {
      type: "object",
      description:
        "For `kind: ingress`. The controller then limits rates and connections, by annotations of its own.",
      additionalProperties: false,
      required: [],
      default: {},
      properties: {
        controller: {
          type: "string",
          enum: ["nginx", "alb"],
          default: "nginx",
          description: "Whose annotations are written, for backends that speak gRPC and HTTPS.",
        },
        className: {
          type: "string",
          maxLength: 253,
          pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
          description: "Its IngressClass. Without it, the cluster's default.",
        },
        host: {
          type: "string",
          maxLength: 253,
          pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
          description:
            "Name that senders dial, on port 443. Without it, there is no way in by an ingress.",
        },
        browserHost: {
          type: "string",
          maxLength: 253,
          pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
          description:
            "Name that browsers dial: their paths are the other senders', so that only the name tells them apart. Without it, browsers have no way in by an ingress.",
        },
        annotations,
      },
    },
  },
} as const;
