import type { Panel, RowPanel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DashboardUid } from "../config/dashboard-uids.ts";
import { datasourceUids, type Datasource } from "../config/datasources.ts";
import type { Settings } from "../config/settings.ts";
import { allowedEmpty } from "./allowed-empty.ts";
import type { ClassicDashboard } from "./classic.ts";
import { buildDashboards } from "./dashboards.ts";

/** One query of a dashboard, to be run against the deployed platform. */
export interface DashboardQuery {
  readonly dashboardUid: DashboardUid;
  /** Title of the panel, or the name of the variable that asks. */
  readonly panel: string;
  readonly refId: string;
  readonly datasource: Datasource;
  /** As it stands in the dashboard, with Grafana's variables. */
  readonly expr: string;
  /** As a backend takes it: every variable has a value. */
  readonly runnable: string;
  readonly kind: "range" | "instant";
  /** Why it may return nothing although all is well. */
  readonly mayBeEmpty?: string;
}

/** What Grafana puts in for its variables, for a range of an hour in steps of a minute. */
function withValues(settings: Settings, expr: string): string {
  // Grafana's own rule: four scrapes.
  const rateIntervalSeconds = 4 * settings.prometheus.scrapeIntervalSeconds;
  const values: Record<string, string> = {
    __rate_interval: `${rateIntervalSeconds}s`,
    __interval: "60s",
    __auto: "60s",
    __range: "3600s",
    service: ".+",
  };
  return expr.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const value = values[braced ?? plain ?? ""];
    if (value === undefined) {
      throw new Error(
        `${whole} in ${expr} has no value to run it with. Fix: add it to withValues in dashboards/dashboard-queries.ts.`,
      );
    }
    return value;
  });
}

interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly datasource?: { readonly uid?: string };
}

function datasourceOf(uid: string | undefined, where: string): Datasource {
  const found = Object.entries(datasourceUids).find(([, known]) => known === uid);
  if (found === undefined) throw new Error(`${where} asks the unknown datasource ${String(uid)}.`);
  return found[0] as Datasource;
}

function panelQueries(settings: Settings, uid: DashboardUid, panel: Panel): DashboardQuery[] {
  const title = panel.title ?? "";
  return (panel.targets ?? []).map((target) => {
    const { refId = "", expr = "", instant, datasource } = target as Target;
    const reason = allowedEmpty[uid]?.[title];
    return {
      dashboardUid: uid,
      panel: title,
      refId,
      datasource: datasourceOf(datasource?.uid, `${uid}: ${title}`),
      expr,
      runnable: withValues(settings, expr),
      kind: instant === true ? "instant" : "range",
      ...(reason === undefined ? {} : { mayBeEmpty: reason }),
    };
  });
}

/** Grafana answers `label_values(metric, label)` from the series themselves; as a query it is a group by that label. */
function variableQuery(uid: DashboardUid, variable: VariableModel): DashboardQuery[] {
  const { query } = variable;
  const match = typeof query === "string" ? /^label_values\((\w+), (\w+)\)$/.exec(query) : null;
  if (match === null) {
    throw new Error(
      `$${variable.name} of ${uid} is not asked by label_values(<metric>, <label>). ` +
        "Fix: ask it so, or teach variableQuery in dashboards/dashboard-queries.ts.",
    );
  }
  const [expr, metric = "", label = ""] = match;
  return [
    {
      dashboardUid: uid,
      panel: `$${variable.name}`,
      refId: "variable",
      datasource: datasourceOf(variable.datasource?.uid, `${uid}: $${variable.name}`),
      expr,
      runnable: `group by (${label}) (${metric})`,
      kind: "instant",
    },
  ];
}

function isPanel(item: Panel | RowPanel): item is Panel {
  return item.type !== "row";
}

function queriesOf(
  settings: Settings,
  uid: DashboardUid,
  dashboard: ClassicDashboard,
): DashboardQuery[] {
  const variables = dashboard.templating.list ?? [];
  return [
    ...variables.flatMap((variable) => variableQuery(uid, variable)),
    ...(dashboard.panels ?? [])
      .filter(isPanel)
      .flatMap((panel) => panelQueries(settings, uid, panel)),
  ];
}

/** Every query of every dashboard, read from what is deployed, so that none can be forgotten. */
export function dashboardQueries(settings: Settings): readonly DashboardQuery[] {
  return buildDashboards(settings).flatMap(({ uid, dashboard }) =>
    queriesOf(settings, uid, dashboard),
  );
}
