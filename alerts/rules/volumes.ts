import { metricNames } from "../../config/metric-names.ts";
import type { Settings } from "../../config/settings.ts";
import type { RuleSet } from "../rule.ts";
import { holdSeconds, thresholds } from "../thresholds.ts";

const { kubelet } = metricNames;

/** The platform's volumes, as the kubelets report them. */
export function volumeRules(settings: Settings) {
  const selector = `{namespace="${settings.namespace}"}`;
  const available = `${kubelet.volumeAvailable}${selector}`;
  const freeShare = `${available} / ${kubelet.volumeCapacity}${selector}`;
  const trend = `${available}[${thresholds.volumeTrendSeconds}s]`;
  return {
    VolumeFillingUp: {
      expr:
        `${freeShare} < ${thresholds.volumeLowPercent / 100}` +
        ` and predict_linear(${trend}, ${thresholds.volumeForecastSeconds}) < 0`,
      forSeconds: holdSeconds.volumeLow,
      severity: "warning",
      summary: "Volume {{ $labels.persistentvolumeclaim }} fills up",
      description:
        "{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} is free, and at this pace it will be full within four days.",
      dashboardUid: "platform-overview",
    },
    VolumeAlmostFull: {
      expr: `${freeShare} < ${thresholds.volumeFullPercent / 100}`,
      forSeconds: holdSeconds.volumeFull,
      severity: "critical",
      summary: "Volume {{ $labels.persistentvolumeclaim }} is almost full",
      description:
        "{{ $value | humanizePercentage }} of {{ $labels.persistentvolumeclaim }} is free. What writes to it will soon fail.",
      dashboardUid: "platform-overview",
      supersedes: [{ rule: "VolumeFillingUp", equal: ["namespace", "persistentvolumeclaim"] }],
    },
  } as const satisfies RuleSet;
}
