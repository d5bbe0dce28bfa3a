import { metricNames } from "../../config/metric-names.ts";
import { grewWithin } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import type { RuleSet } from "../rule.ts";
import { holdSeconds, lossWindowSeconds, rateSeconds } from "../thresholds.ts";

const { loki, prometheus, tempo } = metricNames;

/** Loki, Tempo and Prometheus: what they refuse, and what they cannot store. */
export function backendRules(settings: Settings) {
  const window = rateSeconds(settings);
  const increase = (metric: string) => `sum by (pod) (increase(${metric}[${window}s]))`;
  const grew = (metric: string) => grewWithin(metric, lossWindowSeconds);
  const lossMinutes = lossWindowSeconds / 60;
  return {
    LokiRefusing: {
      expr: `sum by (reason) (${grew(loki.discarded)}) > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "Loki refuses logs: {{ $labels.reason }}",
      description: `Loki refused {{ $value | humanize }} log lines within ${lossMinutes} min for the reason {{ $labels.reason }}. Collectors send again what was over a rate; anything else is lost.`,
      dashboardUid: "platform-overview",
    },
    LokiFlushFailing: {
      expr: `${increase(loki.flushFailures)} > 0`,
      forSeconds: holdSeconds.flushFailing,
      severity: "critical",
      summary: "{{ $labels.pod }} cannot store its chunks",
      description: `{{ $labels.pod }} failed {{ $value | humanize }} times within ${window / 60} min to write chunks to its store. New logs stay in its memory and write-ahead log until that is full.`,
      dashboardUid: "platform-overview",
    },
    TempoRefusing: {
      expr: `sum by (reason) (${grew(tempo.discarded)}) > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "Tempo refuses spans: {{ $labels.reason }}",
      description: `Tempo refused {{ $value | humanize }} spans within ${lossMinutes} min for the reason {{ $labels.reason }}. Their traces have holes or are missing.`,
      dashboardUid: "platform-overview",
    },
    TempoFlushFailing: {
      expr: `${increase(tempo.failedFlushes)} > 0`,
      forSeconds: holdSeconds.flushFailing,
      severity: "critical",
      summary: "{{ $labels.pod }} cannot store its blocks",
      description: `{{ $labels.pod }} failed {{ $value | humanize }} times within ${window / 60} min to write blocks to its store. New traces stay on its volume until that is full.`,
      dashboardUid: "platform-overview",
    },
    PrometheusNotIngesting: {
      // Seen by the other Prometheus: one that appends nothing has nothing to evaluate this on.
      expr: `${increase(prometheus.samplesAppended)} == 0`,
      forSeconds: holdSeconds.notIngesting,
      severity: "critical",
      summary: "{{ $labels.pod }} stores nothing",
      description: `{{ $labels.pod }} answers but appended {{ $value }} samples within ${window / 60} min. Its metrics have a hole, and its alerts are blind.`,
      dashboardUid: "platform-overview",
    },
    PrometheusTooOldSamples: {
      expr: `sum by (pod) (${grew(prometheus.tooOld)}) > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "{{ $labels.pod }} refuses samples that come too late",
      description: `{{ $labels.pod }} refused {{ $value | humanize }} samples within ${lossMinutes} min that were more than ${settings.replayMinutes} min behind their series. They are lost.`,
      dashboardUid: "platform-overview",
    },
  } as const satisfies RuleSet;
}
