import { load } from "js-yaml";
import { expect, test } from "vitest";
import { stackSettings } from "../test/harness.ts";
import { renderRecordings } from "./recordings.ts";

const serviceMap = {
  name: "service-map",
  rules: [
    {
      record: "traces_spanmetrics_latency_bucket",
      expr: 'traces_spanmetrics_duration_seconds_bucket{span_kind="SPAN_KIND_SERVER"}',
    },
  ],
};

test("Grafana's service map finds the durations of servers under the name it asks for", () => {
  expect(load(renderRecordings(stackSettings("prod")))).toEqual({ groups: [serviceMap] });
});

test("an adapter finds the fill of each gateway's fullest queue where the autoscaler asks for it", () => {
  const scaled = stackSettings("prod", {
    collector: { gateway: { autoscaling: { queueFillPercent: 50 } } },
  });
  expect(load(renderRecordings(scaled))).toEqual({
    groups: [
      {
        name: "autoscaling",
        rules: [
          {
            record: "gateway_queue_fill_percent",
            expr: 'max by (namespace, pod) (100 * otelcol_exporter_queue_size{job="gateway"} / otelcol_exporter_queue_capacity{job="gateway"})',
          },
        ],
      },
      serviceMap,
    ],
  });
});
