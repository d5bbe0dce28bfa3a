import { load } from "js-yaml";
import { expect, test } from "vitest";
import { renderRecordings } from "./recordings.ts";

test("Grafana's service map finds the durations of servers under the name it asks for", () => {
  expect(load(renderRecordings())).toEqual({
    groups: [
      {
        name: "service-map",
        rules: [
          {
            record: "traces_spanmetrics_latency_bucket",
            expr: 'traces_spanmetrics_duration_seconds_bucket{span_kind="SPAN_KIND_SERVER"}',
          },
        ],
      },
    ],
  });
});
