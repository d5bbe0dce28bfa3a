import { metricNames } from "../../config/metric-names.ts";
import { orZero } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import { prom } from "./query.ts";

const { kubelet, loki, prometheus, tempo } = metricNames;
const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

function refusals(metric: string, backend: string) {
  return prom(
    orZero(`sum by (reason) (${rate(metric)}) > 0`, { reason: "none" }),
    `${backend}: {{reason}}`,
  );
}

/** What Loki, Tempo and Prometheus take in, refuse and fail to store. */
export function backendQueries(settings: Settings) {
  const selector = `{namespace="${settings.namespace}"}`;
  return {
    lokiBytes: prom(`sum by (pod) (${rate(loki.bytesReceived)})`, "{{pod}}"),
    tempoSpans: prom(`sum by (pod) (${rate(tempo.spansReceived)})`, "{{pod}}"),
    prometheusSamples: prom(`sum by (pod) (${rate(prometheus.samplesAppended)})`, "{{pod}}"),
    headSeries: prom(`max by (pod) (${prometheus.headSeries})`, "{{pod}}"),
    refused: [
      refusals(loki.discarded, "Loki"),
      refusals(tempo.discarded, "Tempo"),
      prom(
        orZero(`sum by (pod) (${rate(prometheus.tooOld)}) > 0`, { pod: "none" }),
        "Prometheus too old: {{pod}}",
      ),
    ],
    notStored: [
      prom(orZero(`sum(${rate(loki.flushFailures)})`), "Loki"),
      prom(orZero(`sum(${rate(tempo.failedFlushes)})`), "Tempo"),
    ],
    volumeUse: prom(
      `1 - min by (persistentvolumeclaim) (${kubelet.volumeAvailable}${selector} / ${kubelet.volumeCapacity}${selector})`,
      "{{persistentvolumeclaim}}",
    ),
  };
}
