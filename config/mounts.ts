/** Where a collector's container finds its files: the generated configuration names these, the pod mounts them. */
export const collectorMounts = {
  /** Volume of the sending queues, where they are on disk. */
  queue: "/var/lib/sightline/queue",
  /** Below it, the volume of each file target of the fan-out, by the target's name. */
  files: "/var/lib/sightline/files",
  /** Secret of type `kubernetes.io/tls` with the ingest certificate. */
  ingestTls: "/etc/sightline/ingest-tls",
  /** Secret with the ingest tokens. */
  ingestTokens: "/etc/sightline/ingest-tokens",
  /** The node's folder with every container's log, as the kubelet writes it. */
  podLogs: "/var/log/pods",
  /** ConfigMap with the generated configuration. */
  config: "/etc/sightline/collector",
} as const;

/** Single files below the mounts. */
export const collectorFiles = {
  config: `${collectorMounts.config}/collector.yaml`,
  ingestCertificate: `${collectorMounts.ingestTls}/tls.crt`,
  ingestKey: `${collectorMounts.ingestTls}/tls.key`,
  /** One token a line; what follows a token on its line is a comment. */
  ingestTokens: `${collectorMounts.ingestTokens}/tokens`,
} as const;

/** Name of the container of every collector: by it their logs are told from others'. */
export const collectorContainerName = "collector";

/** Environment variables that the generated configuration reads, each with the pod field that fills it. */
export const collectorEnvironment = {
  POD_NAME: "metadata.name",
  NODE_NAME: "spec.nodeName",
  NODE_IP: "status.hostIP",
} as const;

/** Holds a secret of the fan-out, by the name that `secretVariable` gives it. */
export type FanOutVariable = `FAN_OUT_${string}`;

export type PodVariable = keyof typeof collectorEnvironment;
export type CollectorVariable = PodVariable | FanOutVariable;
