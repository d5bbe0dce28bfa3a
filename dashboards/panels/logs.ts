import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { stacked } from "../common.ts";
import { logQueries } from "../queries/logs.ts";

/** How much the services chosen log. */
export function logPanels(): Builder<Panel>[] {
  return [
    stacked(
      { title: "Log records, by service", description: "Records in each step.", unit: "short" },
      [logQueries.byService],
    ).span(12),
    stacked(
      { title: "Log records, by level", description: "Records in each step.", unit: "short" },
      [logQueries.byLevel],
    ).span(12),
  ];
}
