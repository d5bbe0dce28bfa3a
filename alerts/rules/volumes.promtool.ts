import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { kubelet } = metricNames;

const claim = {
  job: "kubelet",
  instance: "node-1",
  namespace: "sightline",
  persistentvolumeclaim: "data-loki-0",
};
const labels = `{job="kubelet",instance="node-1",namespace="sightline",persistentvolumeclaim="data-loki-0"}`;
const available = `${kubelet.volumeAvailable}${labels}`;
const capacity = `${kubelet.volumeCapacity}${labels}`;

export const volumeTests = {
  VolumeFillingUp: {
    fires: {
      series: { [capacity]: "1000x200", [available]: "140-0.1x200" },
      atMinute: 61,
      alerts: [
        {
          labels: claim,
          summary: "Volume data-loki-0 fills up",
          description:
            "13.39% of data-loki-0 is free, and at this pace it will be full within four days.",
        },
      ],
    },
    holds: [
      quiet(120, { [capacity]: "1000x200", [available]: "180-0.1x200" }),
      // Low, but it has been so for hours: retention keeps it there.
      quiet(120, { [capacity]: "1000x200", [available]: "140x200" }),
    ],
    dataMissing: quiet(120, { [capacity]: "1000x600" }),
  },
  VolumeAlmostFull: {
    fires: {
      series: { [capacity]: "1000x30", [available]: "60x2 45x30" },
      atMinute: 4,
      alerts: [
        {
          labels: claim,
          summary: "Volume data-loki-0 is almost full",
          description: "4.5% of data-loki-0 is free. What writes to it will soon fail.",
        },
      ],
    },
    holds: quiet(20, { [capacity]: "1000x30", [available]: "50x30" }),
    dataMissing: quiet(20, { [capacity]: "1000x30" }),
  },
} as const satisfies RuleTests;
