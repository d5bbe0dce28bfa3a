import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Panel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { DashboardUid } from "../config/dashboard-uids.ts";
import { metricNames } from "../config/metric-names.ts";
import { classicDashboard, type ClassicDashboardBuilder } from "./classic.ts";
import { datasourceRef } from "./common.ts";

/** Every dashboard carries this tag, and the links between dashboards are made from it. */
export const dashboardTag = "sightline";

/** An empty dashboard with the house's defaults: one hour, refreshed, cursor shared, linked to all others. */
export function houseDashboard(
  uid: DashboardUid,
  title: string,
  description: string,
): ClassicDashboardBuilder {
  return classicDashboard(title)
    .uid(uid)
    .description(description)
    .tags([dashboardTag])
    .timezone("browser")
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder("Dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([dashboardTag])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
}

/** The services that answered requests; "all" also matches those that only log. */
export function serviceVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder("service")
    .label("Service")
    .datasource(datasourceRef("prometheus"))
    .query(`label_values(${metricNames.spans.calls}, service_name)`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ text: "All", value: "$__all" });
}

/** A row that stands open. Panels of an open row are siblings of it; only a closed row holds its own. */
export function addRow(
  dashboard: ClassicDashboardBuilder,
  title: string,
  panels: readonly Builder<Panel>[],
): void {
  dashboard.withRow(new RowBuilder(title));
  for (const panel of panels) dashboard.withPanel(panel);
}
