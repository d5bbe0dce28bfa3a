import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { collector } = metricNames;

const pod = { job: "gateway", instance: "gateway-0", namespace: "sightline", pod: "gateway-0" };
const exporter = "otlp_http/target-prometheus-1";
/** What the rules' series are told apart by. */
const told = {
  job: "gateway",
  pod: "gateway-0",
  exporter,
  target: "prometheus-1",
  signal: "metrics",
};

function series(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ ...pod, ...labels }).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(",")}}`;
}

const size = series(collector.queueSize, { exporter, data_type: "metrics" });
const capacity = series(collector.queueCapacity, { exporter, data_type: "metrics" });
const sent = series(collector.sentMetrics, { exporter });
const enqueueFailed = series(collector.enqueueFailedMetrics, { exporter });
const sendFailed = series(collector.sendFailedMetrics, { exporter });
/** The same of a target that is not optional, and of what lies between a queue and its target. */
const toLoki = { exporter: "otlp_http/loki" };
const behindQueue = { exporter: "file/to-archive-logs" };

export const fanOutTests = {
  FanOutTargetSilent: {
    fires: {
      series: { [size]: "0x2 700x30", [sent]: "0+60x2 120x30" },
      atMinute: 16,
      alerts: [
        {
          labels: told,
          summary: "prometheus-1 takes no metrics from gateway-0",
          description:
            "700 wait in gateway-0 for prometheus-1 (metrics; records or bytes, as its queue counts), and nothing has been sent for a while. It is kept until its queue is full; nobody else is held up.",
        },
      ],
    },
    // One that is slow still takes something.
    holds: [
      quiet(30, { [size]: "700x40", [sent]: "0+1x40" }),
      quiet(30, { [series(collector.queueSize, { ...toLoki, data_type: "logs" })]: "700x40" }),
    ],
    dataMissing: {
      // A target that was never there has no such counter.
      series: { [size]: "700x30" },
      atMinute: 11,
      alerts: [
        {
          labels: told,
          summary: "prometheus-1 takes no metrics from gateway-0",
          description:
            "700 wait in gateway-0 for prometheus-1 (metrics; records or bytes, as its queue counts), and nothing has been sent for a while. It is kept until its queue is full; nobody else is held up.",
        },
      ],
    },
  },
  FanOutQueueFilling: {
    fires: {
      series: { [capacity]: "1000x30", [size]: "500x2 700x30" },
      atMinute: 8,
      alerts: [
        {
          labels: told,
          summary: "The queue of prometheus-1 in gateway-0 fills",
          description:
            "The queue of metrics for prometheus-1 in gateway-0 is 70% full. Once it is, what comes is dropped for this target.",
        },
      ],
    },
    holds: quiet(20, { [capacity]: "1000x30", [size]: "600x30" }),
    dataMissing: quiet(20, { [capacity]: "1000x30" }),
  },
  FanOutOverflow: {
    fires: {
      // The counter appears with its first loss and never moves again.
      series: { [enqueueFailed]: "_x4 1000x30" },
      atMinute: 4,
      alerts: [
        {
          labels: told,
          summary: "prometheus-1 lost metrics for want of room",
          description:
            "1k records of metrics for prometheus-1 found no room in its queue in gateway-0 within 15 min, and were dropped. The other targets have them.",
        },
      ],
    },
    holds: [
      quiet(20, { [enqueueFailed]: "1000x60" }),
      quiet(4, { [series(collector.enqueueFailedLogs, toLoki)]: "_x4 1000x30" }),
    ],
    dataMissing: quiet(20, {}),
  },
  FanOutRefused: {
    fires: {
      series: { [sendFailed]: "0x3 250x30" },
      atMinute: 4,
      alerts: [
        {
          labels: told,
          summary: "prometheus-1 refuses metrics",
          description:
            "250 records of metrics were given up for prometheus-1 by gateway-0 within 15 min: it refused them for good, or was away for longer than it is waited for. The other targets have them.",
        },
      ],
    },
    holds: [
      quiet(20, { [sendFailed]: "250x60" }),
      quiet(4, { [series(collector.sendFailedLogs, behindQueue)]: "0x3 250x30" }),
    ],
    dataMissing: quiet(20, { [sent]: "0+60x30" }),
  },
} as const satisfies RuleTests;
