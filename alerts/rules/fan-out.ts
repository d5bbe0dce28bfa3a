import { fanOutTargets } from "../../config/fan-out.ts";
import { metricNames } from "../../config/metric-names.ts";
import { bySignal, grewWithin, optionalExporters, withTarget } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import type { RuleSet } from "../rule.ts";
import { holdSeconds, lossWindowSeconds, rateSeconds, thresholds } from "../thresholds.ts";

const { collector } = metricNames;
const perTarget = "sum by (job, pod, exporter, target, signal)";
const lossMinutes = lossWindowSeconds / 60;
const grew = (metric: string) => grewWithin(metric, lossWindowSeconds);

/** A queue's series says `data_type` where the counters are told apart by name. */
function queue(metric: string): string {
  const series = `label_replace(${metric}{${optionalExporters}}, "signal", "$1", "data_type", "(.+)")`;
  return `${perTarget} (${withTarget(series)})`;
}

/** The optional targets: what they take late, and what is lost for them alone. Nobody is woken for a copy. */
export function fanOutRules(settings: Settings) {
  // One Prometheus, and no other target: nothing to watch.
  const isThere = settings.prometheus.replicas > 1 || fanOutTargets(settings).length > 0;
  const rules = targetRules(rateSeconds(settings));
  return {
    FanOutTargetSilent: isThere ? rules.FanOutTargetSilent : undefined,
    FanOutQueueFilling: isThere ? rules.FanOutQueueFilling : undefined,
    FanOutOverflow: isThere ? rules.FanOutOverflow : undefined,
    FanOutRefused: isThere ? rules.FanOutRefused : undefined,
  } as const satisfies RuleSet;
}

function targetRules(window: number) {
  const increase = (metric: string) => `increase(${metric}[${window}s])`;
  const counted = (counter: "sent" | "sendFailed" | "enqueueFailed", of: typeof increase) =>
    `${perTarget} (${withTarget(bySignal(counter, of, optionalExporters))})`;
  return {
    FanOutTargetSilent: {
      expr: `${queue(collector.queueSize)} > 0 unless ${counted("sent", increase)} > 0`,
      forSeconds: holdSeconds.targetSilent,
      severity: "warning",
      summary: "{{ $labels.target }} takes no {{ $labels.signal }} from {{ $labels.pod }}",
      description:
        "{{ $value | humanize }} wait in {{ $labels.pod }} for {{ $labels.target }} ({{ $labels.signal }}; records or bytes, as its queue counts), and nothing has been sent for a while. It is kept until its queue is full; nobody else is held up.",
      dashboardUid: "platform-overview",
    },
    FanOutQueueFilling: {
      expr: `${queue(collector.queueSize)} / ${queue(collector.queueCapacity)} > ${thresholds.queueFillingPercent / 100}`,
      forSeconds: holdSeconds.queueFilling,
      severity: "warning",
      summary: "The queue of {{ $labels.target }} in {{ $labels.pod }} fills",
      description:
        "The queue of {{ $labels.signal }} for {{ $labels.target }} in {{ $labels.pod }} is {{ $value | humanizePercentage }} full. Once it is, what comes is dropped for this target.",
      dashboardUid: "platform-overview",
      supersedes: [
        { rule: "FanOutTargetSilent", equal: ["job", "pod", "exporter", "target", "signal"] },
      ],
    },
    FanOutOverflow: {
      expr: `${counted("enqueueFailed", grew)} > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "{{ $labels.target }} lost {{ $labels.signal }} for want of room",
      description: `{{ $value | humanize }} records of {{ $labels.signal }} for {{ $labels.target }} found no room in its queue in {{ $labels.pod }} within ${lossMinutes} min, and were dropped. The other targets have them.`,
      dashboardUid: "platform-overview",
      supersedes: [
        { rule: "FanOutQueueFilling", equal: ["job", "pod", "exporter", "target", "signal"] },
        { rule: "FanOutTargetSilent", equal: ["job", "pod", "exporter", "target", "signal"] },
      ],
    },
    FanOutRefused: {
      expr: `${counted("sendFailed", grew)} > 0`,
      forSeconds: 0,
      severity: "warning",
      summary: "{{ $labels.target }} refuses {{ $labels.signal }}",
      description: `{{ $value | humanize }} records of {{ $labels.signal }} were given up for {{ $labels.target }} by {{ $labels.pod }} within ${lossMinutes} min: it refused them for good, or was away for longer than it is waited for. The other targets have them.`,
      dashboardUid: "platform-overview",
    },
  } as const satisfies RuleSet;
}
