import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { collector } = metricNames;

const gateway = {
  job: "gateway",
  instance: "gateway-0",
  namespace: "sightline",
  pod: "gateway-0",
} as const;
const toLoki = { job: "gateway", pod: "gateway-0", exporter: "otlp_http/loki", signal: "logs" };
const queueLabels = { ...gateway, exporter: "otlp_http/loki", data_type: "logs" };

function series(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(",")}}`;
}

const size = series(collector.queueSize, queueLabels);
const capacity = series(collector.queueCapacity, queueLabels);
const exporter = { ...gateway, exporter: "otlp_http/loki" };
const refused = series(collector.refusedLogs, { ...gateway, receiver: "otlp", transport: "grpc" });
const enqueueFailed = series(collector.enqueueFailedLogs, exporter);
const sendFailed = series(collector.sendFailedLogs, exporter);
const sent = series(collector.sentLogs, exporter);
const droppedEarly = series(collector.tracesDroppedEarly, { job: "sampler", pod: "sampler-0" });

const up = series(metricNames.scrape.up, gateway);
const otherUp = series(metricNames.scrape.up, { ...gateway, pod: "gateway-1" });
const gone = { namespace: "sightline", pod: "gateway-0", exporter: "otlp_http/loki" };

const losing = (share: string) => ({
  labels: toLoki,
  summary: "gateway-0 loses logs for otlp_http/loki",
  description: `otlp_http/loki in gateway-0 gives up ${share} of its logs: its target refuses them for good, or has been away for longer than retries last.`,
});

export const collectorTests = {
  CollectorQueueFilling: {
    fires: {
      series: { [capacity]: "1000x30", [size]: "500x2 700x30" },
      atMinute: 8,
      alerts: [
        {
          labels: queueLabels,
          summary: "The queue of otlp_http/loki in gateway-0 fills",
          description:
            "The queue of logs to otlp_http/loki in gateway-0 is 70% full: its target takes less than comes in, or nothing.",
        },
      ],
    },
    holds: quiet(20, { [capacity]: "1000x30", [size]: "600x30" }),
    dataMissing: quiet(20, { [capacity]: "1000x30" }),
  },
  CollectorQueueFull: {
    fires: {
      series: { [capacity]: "1000x30", [size]: "500x2 950x30" },
      atMinute: 4,
      alerts: [
        {
          labels: queueLabels,
          summary: "The queue of otlp_http/loki in gateway-0 is nearly full",
          description:
            "The queue of logs to otlp_http/loki in gateway-0 is 95% full. Once it is, senders are refused and will lose what they cannot hold.",
        },
      ],
    },
    holds: quiet(20, { [capacity]: "1000x30", [size]: "900x30" }),
    dataMissing: quiet(20, { [capacity]: "1000x30" }),
  },
  CollectorRefusing: {
    fires: {
      series: { [refused]: "0x2 60+60x20" },
      atMinute: 8,
      alerts: [
        {
          labels: { job: "gateway", pod: "gateway-0", signal: "logs" },
          summary: "gateway-0 refuses logs",
          description:
            "gateway-0 refused 300 records of logs within 5 min, for want of memory or because a queue behind it is full. Senders retry for some minutes, then lose them.",
        },
      ],
    },
    // One refused burst, which its senders have sent again since.
    holds: quiet(8, { [refused]: "0x2 600x20" }),
    dataMissing: quiet(8, {}),
  },
  CollectorEnqueueFailed: {
    fires: {
      // The counter appears with its first loss and never moves again.
      series: { [enqueueFailed]: "_x4 1000x30" },
      atMinute: 4,
      alerts: [
        {
          labels: toLoki,
          summary: "otlp_http/loki in gateway-0 had no room for logs",
          description:
            "1k records of logs found no room in the queue of otlp_http/loki within 15 min. They are lost wherever their sender does not send them again.",
        },
      ],
    },
    holds: quiet(20, { [enqueueFailed]: "1000x60" }),
    dataMissing: quiet(20, {}),
  },
  CollectorExportFailing: {
    fires: {
      series: { [sent]: "0+60x30", [sendFailed]: "0+0.7x30" },
      atMinute: 6,
      alerts: [losing("1.153%")],
    },
    holds: quiet(20, { [sent]: "0+60x30", [sendFailed]: "0+0.6x30" }),
    // An exporter that never sent anything has no such counter: it loses all of it.
    dataMissing: { series: { [sendFailed]: "0+6x30" }, atMinute: 6, alerts: [losing("100%")] },
  },
  CollectorDroppedRecords: {
    fires: {
      series: { [sendFailed]: "0x3 250x30" },
      atMinute: 4,
      alerts: [
        {
          labels: toLoki,
          summary: "otlp_http/loki in gateway-0 dropped logs",
          description:
            "250 records of logs were given up by otlp_http/loki in gateway-0 within 15 min, in batches of which the target refused at least one record.",
        },
      ],
    },
    holds: quiet(20, { [sendFailed]: "250x60" }),
    dataMissing: quiet(20, { [sent]: "0+60x30" }),
  },
  SamplerDroppingTraces: {
    fires: {
      series: { [droppedEarly]: "_x4 12x30" },
      atMinute: 4,
      alerts: [
        {
          labels: { pod: "sampler-0" },
          summary: "sampler-0 drops traces before it has judged them",
          description:
            "12 traces left the memory of sampler-0 undecided within 15 min: more were open at once than it holds. Errors may be among them.",
        },
      ],
    },
    holds: quiet(20, { [droppedEarly]: "12x60" }),
    dataMissing: quiet(20, {}),
  },
  CollectorQueueLeftBehind: {
    fires: {
      // Its last word, and then the pod is no longer found.
      series: { [up]: "1x4 stale", [otherUp]: "1x30", [size]: "500x2 1200x2 stale" },
      atMinute: 15,
      alerts: [
        {
          labels: { ...gone, data_type: "logs" },
          summary: "gateway-0 is gone and has left logs on its volume",
          description:
            "1.2k records of logs for otlp_http/loki lie on the volume of gateway-0 in sightline, and nobody sends them. They are kept, but the longer they lie the less of them a target still takes.",
        },
      ],
    },
    holds: [
      // It was seen empty before it went.
      quiet(30, { [up]: "1x4 stale", [size]: "500x2 0x2 stale" }),
      // Rolled: away for some minutes, then back with what it had.
      quiet(30, { [up]: "1x4 stale _x8 1x20", [size]: "500x4 stale _x8 500x20" }),
      // Down, but still there: TargetDown says so.
      quiet(30, { [up]: "1x4 0x30", [size]: "500x4 stale" }),
    ],
    dataMissing: quiet(30, { [up]: "1x4 stale" }),
  },
} as const satisfies RuleTests;
