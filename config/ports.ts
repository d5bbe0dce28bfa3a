/** Every port that a part of the platform listens on. Nothing else in the program writes a port number. */
export const ports = {
  agent: {
    otlpGrpc: 4317,
    otlpHttp: 4318,
    /** Fluent Bit's and Fluentd's own protocol. It knows neither TLS nor a key, so it never leaves the node. */
    fluentForward: 8006,
    health: 13133,
    metrics: 8888,
  },
  cluster: { health: 13133, metrics: 8888 },
  gateway: {
    /** For the agents and the cluster's collector. */
    agents: 4317,
    /** TLS and a token: for senders outside the cluster. */
    publicGrpc: 4327,
    publicHttp: 4328,
    /** TLS and a list of origins: for pages in browsers. */
    browserHttp: 4338,
    /** And those after it, on the pod's own loopback: from the queue of a target to the exporter that has none. */
    fanOutLoopback: 4400,
    health: 13133,
    metrics: 8888,
    /** Of the sidecar, for the kubelet alone. */
    drain: 13134,
  },
  /** The gateway's ports that it stands before, under the same numbers, so that senders need not know which they dial. */
  balancer: { publicGrpc: 4327, publicHttp: 4328, browserHttp: 4338, metrics: 8405 },
  sampler: { otlpGrpc: 4317, health: 13133, metrics: 8888 },
  loki: { http: 3100, grpc: 9095, gossip: 7946 },
  tempo: { http: 3200, grpc: 9095, otlpHttp: 4318, gossip: 7946 },
  prometheus: { http: 9090 },
  alertmanager: { http: 9093, gossip: 9094 },
  grafana: { http: 3000 },
} as const;

/** Names of the container ports that Prometheus scrapes on the platform's own pods, by what else answers there. */
export const metricsPortNames = { metricsOnly: "metrics", withApi: "http-metrics" } as const;

export type Workload = keyof typeof ports;
export type PortName<W extends Workload> = keyof (typeof ports)[W] & string;
