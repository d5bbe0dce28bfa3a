/**
 * Series that cost the most for what nobody asks. Each name stands with its reason; what is not here is kept, since a
 * missing series is found out in the night when it is needed.
 */
const cadvisor = [
  // Eight for each container and kind of failure; page faults are no sign of trouble.
  "container_memory_failures_total",
  // States and load of the kernel's scheduler, which the kubelet does not have cAdvisor fill.
  "container_tasks_state",
  "container_cpu_load_(d_)?average_10s",
  // One for each device and kind of operation; reads, writes and bytes stand in container_fs_* once more.
  "container_blkio_device_usage_total",
  // One for each device: the counters of merges, sectors and time in the queue of each container.
  "container_fs_(io_current|io_time_seconds_total|io_time_weighted_seconds_total|read_seconds_total|reads_merged_total|sector_reads_total|sector_writes_total|write_seconds_total|writes_merged_total)",
  // One for each state of a connection, of every pod.
  "container_network_(advance_tcp_stats|tcp6?_usage|udp6?_usage)_total",
  // The same number for ever, beside the limits that the API says.
  "container_spec_(cpu_shares|memory_reservation_limit_bytes|memory_swap_limit_bytes)",
];

/** Histograms by verb, host, operation and plugin, of the kubelet as a client and of its inner loops. */
const kubelet = [
  "(apiserver|authentication|authorization|aggregator)_.*_bucket",
  "(csi|dra)_operations_(duration_)?seconds_bucket",
  "kubelet_(cgroup_manager|http_requests|pleg_relist|pod_worker|runtime_operations|volume_metric_collection)_(duration|interval)_seconds_bucket",
  // One for each feature gate there is: the same on every node, and the same for ever.
  "kubernetes_feature_enabled",
  "prober_probe_duration_seconds_bucket",
  "rest_client_.*_bucket",
  "storage_operation_duration_seconds_bucket",
  "volume_operation_total_seconds_bucket",
  "workqueue_.*_bucket",
];

const anyOf = (names: readonly string[]) => names.join("|");

export const heavyCadvisorSeries = anyOf(cadvisor);
export const heavyKubeletSeries = anyOf(kubelet);
