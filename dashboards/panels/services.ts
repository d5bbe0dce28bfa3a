import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { timeseries } from "../common.ts";
import { serviceQueries } from "../queries/services.ts";

/** Rate, errors and duration of the services chosen. */
export function servicePanels(): Builder<Panel>[] {
  return [
    timeseries(
      {
        title: "Requests",
        description:
          "Requests and messages that a service answered, a second. Of all traces, kept or not.",
        unit: "reqps",
      },
      [serviceQueries.requestRate],
    ),
    timeseries(
      {
        title: "Errors",
        description: "Share of requests whose span has the status error.",
        unit: "percentunit",
      },
      [serviceQueries.errorShare],
    ),
    timeseries(
      {
        title: "Latency, 95th percentile",
        description: "Each point is a request whose trace was kept: click it to open the trace.",
        unit: "s",
      },
      [serviceQueries.latency95],
    ),
  ];
}
