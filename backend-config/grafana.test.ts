import { describe, expect, test } from "vitest";
import { datasourceUids } from "../config/datasources.ts";
import { endpoints } from "../config/endpoints.ts";
import { metricNames } from "../config/metric-names.ts";
import { readBack, testSettings } from "./fixture.ts";
import { grafanaFiles } from "./grafana.ts";
import { toIni } from "./ini.ts";

interface Datasource {
  readonly uid: string;
  readonly url: string;
  readonly jsonData: Record<string, unknown>;
}

const settings = testSettings();
const files = grafanaFiles(settings, endpoints(settings));
const read = readBack(files.datasources);
const all = read("datasources") as Datasource[];

function datasource(uid: string): Datasource {
  const found = all.find((candidate) => candidate.uid === uid);
  if (found === undefined) throw new Error(`no datasource ${uid}`);
  return found;
}

/** Every value of a key, however deep it stands. */
function valuesOf(key: RegExp, value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, inner]) => [
    ...(key.test(name) ? [inner] : []),
    ...valuesOf(key, inner),
  ]);
}

/** What Grafana makes of a text of its provisioning files, where no variable is set. */
const provisioned = (text: string) =>
  text.replace(/\$\$|\$\{?[A-Za-z_.]+\}?/g, (found) => (found === "$$" ? "$" : ""));

describe("datasources", () => {
  test("are the four that everything names, and what is dropped goes", () => {
    expect(all.map(({ uid }) => uid).sort()).toEqual(Object.values(datasourceUids).sort());
    expect(read("prune")).toBe(true);
  });

  test("are asked where they are", () => {
    expect(Object.fromEntries(all.map(({ uid, url }) => [uid, url]))).toEqual({
      loki: "http://loki.sightline.svc.cluster.local:3100",
      tempo: "http://tempo.sightline.svc.cluster.local:3200",
      prometheus: "http://prometheus-0.prometheus-peers.sightline.svc.cluster.local:9090",
      alertmanager: "http://alertmanager.sightline.svc.cluster.local:9093",
    });
  });

  test("link only to each other", () => {
    const targets = valuesOf(/^(datasourceUid|alertmanagerUid)$/, all);
    expect(targets.length).toBeGreaterThanOrEqual(6);
    const uids: unknown[] = Object.values(datasourceUids);
    expect(targets.filter((uid) => !uids.includes(uid))).toEqual([]);
  });
});

describe("links", () => {
  test("from a log to its trace", () => {
    expect(datasource("loki").jsonData["derivedFields"]).toEqual([
      {
        name: "trace_id",
        matcherType: "label",
        matcherRegex: "trace_id",
        datasourceUid: "tempo",
        url: "$${__value.raw}",
        urlDisplayLabel: "Trace",
      },
    ]);
  });

  test("from a span to its service's logs of the trace, once Grafana has put its variables in", () => {
    const { query } = datasource("tempo").jsonData["tracesToLogsV2"] as { query: string };
    expect(provisioned(query)).toBe('{${__tags}} | trace_id="${__trace.traceId}"');
  });

  test("from a span to its service's metrics", () => {
    const { queries } = datasource("tempo").jsonData["tracesToMetrics"] as {
      queries: { query: string }[];
    };
    const { calls, durationBucket } = metricNames.spans;
    expect(queries.map(({ query }) => provisioned(query))).toEqual([
      `sum(rate(${calls}{$__tags}[5m]))`,
      `histogram_quantile(0.95, sum by (le) (rate(${durationBucket}{$__tags}[5m])))`,
    ]);
  });

  test("from an exemplar to its trace", () => {
    const { jsonData } = datasource("prometheus");
    expect(jsonData["exemplarTraceIdDestinations"]).toEqual([
      { name: "trace_id", datasourceUid: "tempo", urlDisplayLabel: "Trace" },
    ]);
    expect(jsonData["timeInterval"]).toBe("30s");
  });

  test("from traces to the map of services", () => {
    expect(datasource("tempo").jsonData["serviceMap"]).toEqual({ datasourceUid: "prometheus" });
  });
});

describe("grafana.ini", () => {
  const iniOf = (changes: unknown) => {
    const changed = testSettings(changes);
    return grafanaFiles(changed, endpoints(changed)).ini;
  };

  test("keeps the plugins that the image holds", () => {
    expect(files.ini).toContain(
      [
        "[plugins]",
        "forward_go_runtime_env_vars = true",
        "plugin_admin_enabled = false",
        "preinstall_auto_update = false",
        "preinstall_disabled = true",
      ].join("\n"),
    );
  });

  test("reads the password from its Secret's file", () => {
    expect(files.ini).toContain(
      "admin_password = $__file{/etc/sightline/grafana-admin/password}\n",
    );
  });

  test.each([
    ["https://grafana.example.org/", "cookie_secure = true", true],
    ["http://localhost:3000", "cookie_secure = false", true],
    [undefined, "cookie_secure = false", false],
  ])("root URL %s", (rootUrl, cookies, hasUrl) => {
    const ini = iniOf(rootUrl === undefined ? {} : { grafana: { rootUrl } });
    expect(ini).toContain(cookies);
    expect(ini.includes("root_url = ")).toBe(hasUrl);
  });
});

test("dashboards come from their mounted folder and are changed nowhere else", () => {
  const [provider] = readBack(files.dashboardProviders)("providers") as object[];
  expect(provider).toMatchObject({
    type: "file",
    allowUiUpdates: false,
    options: { path: "/etc/sightline/dashboards" },
  });
});

test("an ini file is sorted, whatever order it was written in", () => {
  const text = "[a]\nk = 1\nl = x\n\n[b]\nm = true\n";
  expect(toIni({ b: { m: true }, a: { l: "x", k: 1 } })).toBe(text);
});
