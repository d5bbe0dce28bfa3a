import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dashboardUids } from "../config/dashboard-uids.ts";
import { datasourceUids } from "../config/datasources.ts";
import { metricNames } from "../config/metric-names.ts";
import { parseConfig } from "../config/parse.ts";
import { allowedEmpty } from "./allowed-empty.ts";
import type { ClassicDashboard } from "./classic.ts";
import { dashboardQueries } from "./dashboard-queries.ts";
import { dashboards } from "./dashboards.ts";

const settings = parseConfig("Pulumi.test.yaml", {
  environment: "prod",
  cluster: { name: "prod" },
  storage: { kind: "s3", lokiBucket: "logs-bucket", tempoBucket: "traces-bucket" },
});
const all = dashboards(settings);
const queries = dashboardQueries(settings);

test("equal settings give equal bytes", () => {
  expect(dashboards(settings)).toEqual(all);
});

test("every uid has a dashboard, and a file of its name", () => {
  expect(all.map(({ uid }) => uid)).toEqual([...dashboardUids]);
  const files = readdirSync(import.meta.dirname);
  for (const { uid } of all) expect(files).toContain(`${uid}.ts`);
});

describe.each(all.map((dashboard) => [dashboard.uid, dashboard] as const))(
  "%s",
  (uid, generated) => {
    const model = JSON.parse(generated.json) as ClassicDashboard;
    const panels = (model.panels ?? []).filter((panel): panel is Panel => panel.type !== "row");

    test("is of the classic kind that file provisioning takes", () => {
      expect(model.uid).toBe(uid);
      expect(model.title).toBe(generated.title);
      expect(model).toHaveProperty("schemaVersion");
      expect(model).not.toHaveProperty("apiVersion");
      expect(model).not.toHaveProperty("spec");
      expect(model.id).toBeUndefined();
    });

    test("every panel says what it shows, in which unit", () => {
      for (const panel of panels) {
        expect(panel.title, `panel ${String(panel.id)}`).toBeTruthy();
        expect(panel.description, panel.title).toMatch(/\.$/);
        expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy();
      }
    });

    test("titles are unique, since queries and exceptions go by them", () => {
      const titles = panels.map((panel) => panel.title);
      expect(new Set(titles).size).toBe(titles.length);
    });

    test("panels fill the grid without overlapping", () => {
      const taken = new Set<string>();
      for (const { gridPos, title = "row" } of model.panels ?? []) {
        const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
        expect(x + w, title).toBeLessThanOrEqual(24);
        for (let column = x; column < x + w; column += 1) {
          for (let line = y; line < y + h; line += 1) {
            const cell = `${column},${line}`;
            expect(taken.has(cell), `${title} lies on another panel`).toBe(false);
            taken.add(cell);
          }
        }
      }
      const lowest = Math.max(...[...taken].map((cell) => Number(cell.split(",")[1])));
      expect(taken.size, "every line is filled").toBe(24 * (lowest + 1));
    });

    test("the first screen holds the verdict and the place", () => {
      // 12 lines of the grid are about 460 pixels: above the fold of a laptop.
      const first = panels
        .filter((panel) => (panel.gridPos?.y ?? 0) < 12)
        .map(({ title }) => title);
      expect(first).toEqual(expect.arrayContaining(["Alerts firing", "What: alerts that fire"]));
    });

    test("every panel asks, and only datasources that are provisioned", () => {
      for (const panel of panels) expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      const uids = [...generated.json.matchAll(/"datasource": \{[^}]*"uid": "([^"]+)"/g)];
      expect(uids.length).toBeGreaterThan(0);
      for (const [, used] of uids) expect(Object.values(datasourceUids)).toContain(used);
    });
  },
);

test("queries can be run as they stand: no variable of Grafana is left", () => {
  expect(queries.length).toBeGreaterThan(25);
  for (const { panel, runnable } of queries) expect(runnable, panel).not.toContain("$");
});

test("a variable is asked as a query over the series it lists", () => {
  expect(queries.find(({ panel }) => panel === "$service")).toEqual({
    dashboardUid: "platform-overview",
    panel: "$service",
    refId: "variable",
    datasource: "prometheus",
    expr: "label_values(traces_spanmetrics_calls_total, service_name)",
    runnable: "group by (service_name) (traces_spanmetrics_calls_total)",
    kind: "instant",
  });
});

test("queries name no metric that is not in the list of what is emitted", () => {
  const known = new Set<string>(
    Object.values(metricNames).flatMap((group) => Object.values(group)),
  );
  const asked = queries
    .filter(({ datasource }) => datasource === "prometheus")
    .flatMap(({ runnable }) => runnable.match(/\b[a-z]+_[a-z_]*[a-z](?=[{[]| \/|\)|$)/g) ?? [])
    .filter((name) => /^(otelcol|traces|loki|tempo|prometheus|alertmanager|kubelet)_/.test(name));
  expect(asked.length).toBeGreaterThan(25);
  for (const name of asked) expect(known).toContain(name);
});

test("panels that may be empty exist", () => {
  for (const [uid, panels] of Object.entries(allowedEmpty)) {
    for (const title of Object.keys(panels)) {
      expect(
        queries.some((query) => query.dashboardUid === uid && query.panel === title),
        `${uid}: ${title}`,
      ).toBe(true);
    }
  }
});
