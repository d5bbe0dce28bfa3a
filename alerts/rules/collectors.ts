import { metricNames } from "../../config/metric-names.ts";
import { bySignal, grewWithin, primaryExporters } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import type { AlertRuleBody, RuleSet } from "../rule.ts";
import {
  holdSeconds,
  leftBehindWindowSeconds,
  lossWindowSeconds,
  rateSeconds,
  thresholds,
} from "../thresholds.ts";

const { collector } = metricNames;
const queueFill = `${collector.queueSize}{${primaryExporters}} / ${collector.queueCapacity}`;
const perExporter = "sum by (job, pod, exporter, signal)";

/** The share of what an exporter handled that it gave up. It may never have sent anything, and then all of it. */
function givenUpShare(window: string): string {
  const rate = (metric: string) => `rate(${metric}[${window}])`;
  const failed = `${perExporter} (${bySignal("sendFailed", rate, primaryExporters)})`;
  const sent = `${perExporter} (${bySignal("sent", rate, primaryExporters)})`;
  return `${failed} / (${failed} + (${sent} or ${failed} * 0))`;
}

const lossMinutes = lossWindowSeconds / 60;

function grew(metric: string): string {
  return grewWithin(metric, lossWindowSeconds);
}

/** The collectors: what they refuse, hold and lose of what is for the platform's own targets. */
export function collectorRules(settings: Settings) {
  const window = rateSeconds(settings);
  return {
    ...holdingRules(window),
    ...losingRules(window),
    CollectorQueueLeftBehind: queueLeftBehind(settings),
  } as const satisfies RuleSet;
}

function holdingRules(window: number) {
  const increase = (metric: string) => `increase(${metric}[${window}s])`;
  return {
    CollectorQueueFilling: {
      expr: `${queueFill} > ${thresholds.queueFillingPercent / 100}`,
      forSeconds: holdSeconds.queueFilling,
      severity: "warning",
      summary: "The queue of {{ $labels.exporter }} in {{ $labels.pod }} fills",
      description:
        "The queue of {{ $labels.data_type }} to {{ $labels.exporter }} in {{ $labels.pod }} is {{ $value | humanizePercentage }} full: its target takes less than comes in, or nothing.",
      dashboardUid: "platform-overview",
    },
    CollectorQueueFull: {
      expr: `${queueFill} > ${thresholds.queueFullPercent / 100}`,
      forSeconds: holdSeconds.queueFull,
      severity: "critical",
      summary: "The queue of {{ $labels.exporter }} in {{ $labels.pod }} is nearly full",
      description:
        "The queue of {{ $labels.data_type }} to {{ $labels.exporter }} in {{ $labels.pod }} is {{ $value | humanizePercentage }} full. Once it is, senders are refused and will lose what they cannot hold.",
      dashboardUid: "platform-overview",
      supersedes: [
        { rule: "CollectorQueueFilling", equal: ["job", "pod", "exporter", "data_type"] },
      ],
    },
    CollectorRefusing: {
      expr: `sum by (job, pod, signal) (${bySignal("refused", increase)}) > 0`,
      forSeconds: holdSeconds.refusing,
      severity: "critical",
      summary: "{{ $labels.pod }} refuses {{ $labels.signal }}",
      description: `{{ $labels.pod }} refused {{ $value | humanize }} records of {{ $labels.signal }} within ${window / 60} min, for want of memory or because a queue behind it is full. Senders retry for some minutes, then lose them.`,
      dashboardUid: "platform-overview",
    },
    CollectorEnqueueFailed: {
      expr: `${perExporter} (${bySignal("enqueueFailed", grew, primaryExporters)}) > 0`,
      forSeconds: 0,
      severity: "critical",
      summary: "{{ $labels.exporter }} in {{ $labels.pod }} had no room for {{ $labels.signal }}",
      description: `{{ $value | humanize }} records of {{ $labels.signal }} found no room in the queue of {{ $labels.exporter }} within ${lossMinutes} min. They are lost wherever their sender does not send them again.`,
      dashboardUid: "platform-overview",
      supersedes: [
        { rule: "CollectorQueueFull", equal: ["job", "pod", "exporter"] },
        { rule: "CollectorQueueFilling", equal: ["job", "pod", "exporter"] },
      ],
    },
  } as const satisfies RuleSet;
}

function losingRules(window: number) {
  return {
    CollectorExportFailing: {
      expr: `${givenUpShare(`${window}s`)} > ${thresholds.exportFailingPercent / 100}`,
      forSeconds: holdSeconds.exportFailing,
      severity: "critical",
      summary: "{{ $labels.pod }} loses {{ $labels.signal }} for {{ $labels.exporter }}",
      description:
        "{{ $labels.exporter }} in {{ $labels.pod }} gives up {{ $value | humanizePercentage }} of its {{ $labels.signal }}: its target refuses them for good, or has been away for longer than retries last.",
      dashboardUid: "platform-overview",
      supersedes: [
        { rule: "CollectorDroppedRecords", equal: ["job", "pod", "exporter", "signal"] },
      ],
    },
    CollectorDroppedRecords: {
      expr: `${perExporter} (${bySignal("sendFailed", grew, primaryExporters)}) > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "{{ $labels.exporter }} in {{ $labels.pod }} dropped {{ $labels.signal }}",
      description: `{{ $value | humanize }} records of {{ $labels.signal }} were given up by {{ $labels.exporter }} in {{ $labels.pod }} within ${lossMinutes} min, in batches of which the target refused at least one record.`,
      dashboardUid: "platform-overview",
    },
    SamplerDroppingTraces: {
      expr: `sum by (pod) (${grew(collector.tracesDroppedEarly)}) > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "{{ $labels.pod }} drops traces before it has judged them",
      description: `{{ $value | humanize }} traces left the memory of {{ $labels.pod }} undecided within ${lossMinutes} min: more were open at once than it holds. Errors may be among them.`,
      dashboardUid: "platform-overview",
    },
  } as const satisfies RuleSet;
}

/**
 * A pod's last word about its queues, once Prometheus no longer finds the pod at all. One that is only down is found, and
 * one that has emptied its queues has let Prometheus see it before it went.
 */
function queueLeftBehind({ collector: { gateway } }: Settings): AlertRuleBody | undefined {
  if (gateway.queue.storage !== "disk") return undefined;
  const lastWord = `last_over_time(${collector.queueSize}{job="gateway"}[${leftBehindWindowSeconds}s])`;
  const found = `unless on (namespace, pod) ${metricNames.scrape.up}{job="gateway"}`;
  return {
    expr: `sum by (namespace, pod, exporter, data_type) (${lastWord}) > 0 ${found}`,
    forSeconds: holdSeconds.queueLeftBehind,
    severity: "warning",
    summary: "{{ $labels.pod }} is gone and has left {{ $labels.data_type }} on its volume",
    description:
      "{{ $value | humanize }} records of {{ $labels.data_type }} for {{ $labels.exporter }} lie on the volume of {{ $labels.pod }} in {{ $labels.namespace }}, and nobody sends them. They are kept, but the longer they lie the less of them a target still takes.",
    dashboardUid: "platform-overview",
  };
}
