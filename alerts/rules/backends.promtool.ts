import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { loki, prometheus, tempo } = metricNames;

const lokiDiscarded = `${loki.discarded}{pod="loki-0",tenant="fake",reason="too_far_behind"}`;
const tempoDiscarded = `${tempo.discarded}{pod="tempo-0",tenant="single-tenant",reason="trace_too_large"}`;
const lokiFlushes = `${loki.flushFailures}{pod="loki-0"}`;
const tempoFlushes = `${tempo.failedFlushes}{pod="tempo-0"}`;
const appended = `${prometheus.samplesAppended}{pod="prometheus-1",type="float"}`;
const tooOld = `${prometheus.tooOld}{pod="prometheus-0",type="float"}`;

export const backendTests = {
  LokiRefusing: {
    fires: {
      series: { [lokiDiscarded]: "_x4 250x30" },
      atMinute: 4,
      alerts: [
        {
          labels: { reason: "too_far_behind" },
          summary: "Loki refuses logs: too_far_behind",
          description:
            "Loki refused 250 log lines within 15 min for the reason too_far_behind. Collectors send again what was over a rate; anything else is lost.",
        },
      ],
    },
    holds: quiet(20, { [lokiDiscarded]: "250x60" }),
    dataMissing: quiet(20, {}),
  },
  LokiFlushFailing: {
    fires: {
      series: { [lokiFlushes]: "0x2 6+6x30" },
      atMinute: 13,
      alerts: [
        {
          labels: { pod: "loki-0" },
          summary: "loki-0 cannot store its chunks",
          description:
            "loki-0 failed 30 times within 5 min to write chunks to its store. New logs stay in its memory and write-ahead log until that is full.",
        },
      ],
    },
    // The store was away for a moment.
    holds: quiet(13, { [lokiFlushes]: "0x2 6+6x3 24x30" }),
    dataMissing: quiet(13, {}),
  },
  TempoRefusing: {
    fires: {
      series: { [tempoDiscarded]: "_x4 40x30" },
      atMinute: 4,
      alerts: [
        {
          labels: { reason: "trace_too_large" },
          summary: "Tempo refuses spans: trace_too_large",
          description:
            "Tempo refused 40 spans within 15 min for the reason trace_too_large. Their traces have holes or are missing.",
        },
      ],
    },
    holds: quiet(20, { [tempoDiscarded]: "40x60" }),
    dataMissing: quiet(20, {}),
  },
  TempoFlushFailing: {
    fires: {
      series: { [tempoFlushes]: "0x2 6+6x30" },
      atMinute: 13,
      alerts: [
        {
          labels: { pod: "tempo-0" },
          summary: "tempo-0 cannot store its blocks",
          description:
            "tempo-0 failed 30 times within 5 min to write blocks to its store. New traces stay on its volume until that is full.",
        },
      ],
    },
    holds: quiet(13, { [tempoFlushes]: "0x2 6+6x3 24x30" }),
    dataMissing: quiet(13, {}),
  },
  PrometheusNotIngesting: {
    fires: {
      series: { [appended]: "0+600x2 1200x30" },
      atMinute: 16,
      alerts: [
        {
          labels: { pod: "prometheus-1" },
          summary: "prometheus-1 stores nothing",
          description:
            "prometheus-1 answers but appended 0 samples within 5 min. Its metrics have a hole, and its alerts are blind.",
        },
      ],
    },
    holds: quiet(16, { [appended]: "0+600x2 1200x11 1800x10" }),
    // A Prometheus that does not answer at all is TargetDown's.
    dataMissing: quiet(16, {}),
  },
  PrometheusTooOldSamples: {
    fires: {
      series: { [tooOld]: "0x3 50x30" },
      atMinute: 4,
      alerts: [
        {
          labels: { pod: "prometheus-0" },
          summary: "prometheus-0 refuses samples that come too late",
          description:
            "prometheus-0 refused 50 samples within 15 min that were more than 60 min behind their series. They are lost.",
        },
      ],
    },
    holds: quiet(20, { [tooOld]: "50x60" }),
    dataMissing: quiet(20, {}),
  },
} as const satisfies RuleTests;
