/**
 * What the chart opentelemetry-kube-stack (its values of 2026) does to logs that applications send to its daemon. Left
 * out, here as in the gateway that it is held against: attributes of pods, which need a cluster, and the detection of
 * environment attributes, once at the start. Its exporter prints to the console; here it sends to the same sink.
 */
export const kubeStackLogs = {
  processors: {
    "resource/hostname": {
      attributes: [{ key: "host.name", from_attribute: "k8s.node.name", action: "insert" }],
    },
    batch: { send_batch_size: 1_000, timeout: "1s", send_batch_max_size: 1_500 },
  },
  order: ["resource/hostname", "batch"],
} as const;
