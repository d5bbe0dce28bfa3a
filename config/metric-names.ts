/**
 * Names of the metrics that dashboards and alerts ask for, by the program that emits them. Whatever is asked for stands
 * here, so that one test can hold every query against what the deployed platform emits.
 */
export const metricNames = {
  /** By Prometheus about each scrape, and about its own alerts. */
  scrape: { up: "up", alerts: "ALERTS" },
  /** By every collector. Their reader keeps units and the `_total` of counters. */
  collector: {
    acceptedLogs: "otelcol_receiver_accepted_log_records_total",
    acceptedSpans: "otelcol_receiver_accepted_spans_total",
    acceptedMetrics: "otelcol_receiver_accepted_metric_points_total",
    refusedLogs: "otelcol_receiver_refused_log_records_total",
    refusedSpans: "otelcol_receiver_refused_spans_total",
    refusedMetrics: "otelcol_receiver_refused_metric_points_total",
    sentLogs: "otelcol_exporter_sent_log_records_total",
    sentSpans: "otelcol_exporter_sent_spans_total",
    sentMetrics: "otelcol_exporter_sent_metric_points_total",
    /** Given up for good: retries are inside what is counted here. */
    sendFailedLogs: "otelcol_exporter_send_failed_log_records_total",
    sendFailedSpans: "otelcol_exporter_send_failed_spans_total",
    sendFailedMetrics: "otelcol_exporter_send_failed_metric_points_total",
    enqueueFailedLogs: "otelcol_exporter_enqueue_failed_log_records_total",
    enqueueFailedSpans: "otelcol_exporter_enqueue_failed_spans_total",
    enqueueFailedMetrics: "otelcol_exporter_enqueue_failed_metric_points_total",
    queueSize: "otelcol_exporter_queue_size",
    queueCapacity: "otelcol_exporter_queue_capacity",
    /** Waits between two tries are in it. */
    inFlight: "otelcol_exporter_in_flight_requests",
    memoryRss: "otelcol_process_memory_rss_bytes",
    tracesDroppedEarly: "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total",
  },
  /** By the balancer, HAProxy. Its proxies are named in balancing.ts. */
  balancer: {
    activeServers: "haproxy_backend_active_servers",
    serverStatus: "haproxy_server_status",
    denied: "haproxy_backend_requests_denied_total",
    connections: "haproxy_process_current_connections",
    maxConnections: "haproxy_process_max_connections",
  },
  /** Made by the samplers of all spans, before any is dropped. */
  spans: {
    calls: "traces_spanmetrics_calls_total",
    durationBucket: "traces_spanmetrics_duration_seconds_bucket",
  },
  /** Of kept traces only. These carry the exemplars, so that each exemplar opens a trace that is stored. */
  keptSpans: { durationBucket: "traces_kept_duration_seconds_bucket" },
  loki: {
    bytesReceived: "loki_distributor_bytes_received_total",
    discarded: "loki_discarded_samples_total",
    flushFailures: "loki_ingester_chunks_flush_failures_total",
  },
  tempo: {
    spansReceived: "tempo_distributor_spans_received_total",
    discarded: "tempo_discarded_spans_total",
    failedFlushes: "tempo_ingester_failed_flushes_total",
  },
  prometheus: {
    samplesAppended: "prometheus_tsdb_head_samples_appended_total",
    headSeries: "prometheus_tsdb_head_series",
    tooOld: "prometheus_tsdb_too_old_samples_total",
    ruleFailures: "prometheus_rule_evaluation_failures_total",
    alertsSent: "prometheus_notifications_sent_total",
    alertErrors: "prometheus_notifications_errors_total",
  },
  alertmanager: {
    notifications: "alertmanager_notifications_total",
    notificationsFailed: "alertmanager_notifications_failed_total",
    clusterMembers: "alertmanager_cluster_members",
  },
  /** By Prometheus' own rules, for an adapter that serves them to autoscalers: a colon could not stand in their names. */
  recorded: { gatewayQueueFill: "gateway_queue_fill_percent" },
  /** By the kubelet, for volumes whose driver reports usage. A host path reports the disk it lies on. */
  kubelet: {
    volumeAvailable: "kubelet_volume_stats_available_bytes",
    volumeCapacity: "kubelet_volume_stats_capacity_bytes",
  },
} as const;

/** The three signals and the collector's counters of each. */
export const collectorSignals = ["logs", "traces", "metrics"] as const;
export type CollectorSignal = (typeof collectorSignals)[number];

/**
 * Begins the purpose of an exporter to an optional target, and of the parts between its queue and itself: what happens
 * to them is no business of the platform's own targets.
 */
export const optionalExporterPrefix = "target-";
export const loopbackPrefix = "to-";

const { collector } = metricNames;

/** A collector counts each signal under a name of its own; these put them side by side. */
export const collectorCounters = {
  accepted: {
    logs: collector.acceptedLogs,
    traces: collector.acceptedSpans,
    metrics: collector.acceptedMetrics,
  },
  refused: {
    logs: collector.refusedLogs,
    traces: collector.refusedSpans,
    metrics: collector.refusedMetrics,
  },
  sent: {
    logs: collector.sentLogs,
    traces: collector.sentSpans,
    metrics: collector.sentMetrics,
  },
  sendFailed: {
    logs: collector.sendFailedLogs,
    traces: collector.sendFailedSpans,
    metrics: collector.sendFailedMetrics,
  },
  enqueueFailed: {
    logs: collector.enqueueFailedLogs,
    traces: collector.enqueueFailedSpans,
    metrics: collector.enqueueFailedMetrics,
  },
} as const satisfies Record<string, Record<CollectorSignal, string>>;

export type CollectorCounter = keyof typeof collectorCounters;
