import type { DashboardUid } from "../config/dashboard-uids.ts";
import type { Settings } from "../config/settings.ts";
import type { ClassicDashboard, ClassicDashboardBuilder } from "./classic.ts";
import { stableJson } from "./json.ts";
import { platformOverview } from "./platform-overview.ts";

/** A dashboard as Grafana's file provisioning takes it: classic JSON, which is the only kind it takes. */
export interface GeneratedDashboard {
  readonly uid: DashboardUid;
  readonly title: string;
  readonly json: string;
}

const builders = {
  "platform-overview": platformOverview,
} as const satisfies Record<DashboardUid, (settings: Settings) => ClassicDashboardBuilder>;

export interface BuiltDashboard {
  readonly uid: DashboardUid;
  readonly dashboard: ClassicDashboard;
}

/** Every dashboard as Grafana's own model. Panels are numbered, so that a link to one outlives a new deployment. */
export function buildDashboards(settings: Settings): readonly BuiltDashboard[] {
  return Object.entries(builders).map(([uid, build]) => {
    const dashboard = build(settings).build();
    dashboard.panels?.forEach((panel, index) => {
      panel.id = index + 1;
    });
    return { uid: uid as DashboardUid, dashboard };
  });
}

/** Every dashboard of a stack, ready to be written to files. */
export function dashboards(settings: Settings): readonly GeneratedDashboard[] {
  return buildDashboards(settings).map(({ uid, dashboard }) => ({
    uid,
    title: dashboard.title ?? uid,
    json: stableJson(dashboard),
  }));
}
