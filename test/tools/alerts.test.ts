import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderRuleTests, type RuleTests } from "../../alerts/promtool.ts";
import { renderRecordings } from "../../alerts/recordings.ts";
import { renderRules } from "../../alerts/render.ts";
import { renderRouting } from "../../alerts/routing.ts";
import { ruleTests } from "../../alerts/rules.promtool.ts";
import { alertRules } from "../../alerts/rules.ts";
import { parseConfig } from "../../config/parse.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { toYaml } from "../../config/yaml.ts";
import { dashboardQueries } from "../../dashboards/dashboard-queries.ts";
import { ensureTools } from "../../local/tools/ensure.ts";

const stacks = ["dev", "prod"] as const;
let promtool: string;
let amtool: string;
let directory: string;

beforeAll(async () => {
  ({ promtool, amtool } = await ensureTools(["promtool", "amtool"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-alerts-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function settingsOf(stack: string, overlay?: unknown): Settings {
  const file = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(import.meta.dirname, "..", "..", file));
  return parseConfig(file, mergeOverlay(written, overlay));
}

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function run(tool: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/** The rules of prod under these tests, after a change of their text. */
function testRules(tests: RuleTests, change: (rules: string) => string = (rules) => rules) {
  const prod = settingsOf("prod");
  write("rules.yaml", change(renderRules(prod)));
  const path = write("tests.yaml", renderRuleTests(prod, tests, "rules.yaml"));
  return run(promtool, "test", "rules", path);
}

describe("promtool", () => {
  it.each(stacks)("finds nothing to say about the rules of %s", (stack) => {
    const settings = settingsOf(stack);
    const path = write(`${stack}.yaml`, renderRules(settings));
    const { status, output } = run(promtool, "check", "rules", "--lint=all", "--lint-fatal", path);
    expect(output).toContain(`${alertRules(settings).length} rules found`);
    expect(status, output).toBe(0);
  });

  it("sees every rule fire, hold still just below, and meet missing data", () => {
    const { status, output } = testRules(ruleTests);
    expect(status, output).toBe(0);
  });

  it("sees Grafana's service map get the durations of servers, each series for itself", () => {
    const file = write("service-map.yaml", renderRecordings(settingsOf("prod")));
    const of = (metric: string, kind: string) =>
      `${metric}{span_kind="SPAN_KIND_${kind}", service_name="shop", le="0.1"}`;
    const [emitted, recorded] = [
      "traces_spanmetrics_duration_seconds_bucket",
      "traces_spanmetrics_latency_bucket",
    ];
    const tests = [
      {
        interval: "1m",
        input_series: [
          { series: of(emitted, "SERVER"), values: "3+3x5" },
          { series: of(emitted, "CLIENT"), values: "1+1x5" },
        ],
        promql_expr_test: [
          {
            expr: recorded,
            eval_time: "5m",
            exp_samples: [{ labels: of(recorded, "SERVER"), value: 18 }],
          },
        ],
      },
    ];
    const path = write("service-map-tests.yaml", toYaml({ rule_files: [file], tests }));
    const { status, output } = run(promtool, "test", "rules", path);
    expect(status, output).toBe(0);
  });

  it("sees an adapter get the fill of each gateway's fullest queue, with the labels of its pod", () => {
    const overlay = { collector: { gateway: { autoscaling: { queueFillPercent: 50 } } } };
    const file = write("autoscaling.yaml", renderRecordings(settingsOf("prod", overlay)));
    const of = (metric: string, pod: string, exporter: string) =>
      `${metric}{job="gateway", namespace="sightline", pod="${pod}", exporter="${exporter}"}`;
    const held = [
      ["gateway-0", "a", 100],
      ["gateway-0", "b", 900],
      ["gateway-1", "a", 0],
    ] as const;
    const tests = [
      {
        interval: "1m",
        input_series: held.flatMap(([pod, exporter, records]) => [
          { series: of("otelcol_exporter_queue_size", pod, exporter), values: `${records}x5` },
          { series: of("otelcol_exporter_queue_capacity", pod, exporter), values: "2000x5" },
        ]),
        promql_expr_test: [
          {
            expr: "gateway_queue_fill_percent",
            eval_time: "5m",
            exp_samples: [
              ["gateway-0", 45],
              ["gateway-1", 0],
            ].map(([pod, value]) => ({
              labels: `gateway_queue_fill_percent{namespace="sightline", pod="${pod ?? ""}"}`,
              value,
            })),
          },
        ],
      },
    ];
    const path = write("autoscaling-tests.yaml", toYaml({ rule_files: [file], tests }));
    const { status, output } = run(promtool, "test", "rules", path);
    expect(status, output).toBe(0);
  });

  it.each([
    ["a threshold too high", "CollectorQueueFilling", "fires", "> 0.6\n", "> 0.75\n"],
    ["a threshold too low", "CollectorQueueFilling", "holds", "> 0.6\n", "> 0.55\n"],
    ["a workload nobody watches", "WorkloadDown", "holds", 'job="gateway"', 'job="other"'],
    ["a text without its label", "VolumeAlmostFull", "fires", "$labels.persist", "$labels.exist"],
    ["a pod that is only down", "CollectorQueueLeftBehind", "holds", "pod) up{", "pod) 0 < up{"],
  ] as const)("its tests would notice %s", (_, name, kind, written, wrong) => {
    const { status, output } = testRules({ [name]: ruleTests[name] }, (rules) => {
      expect(rules).toContain(written);
      return rules.replaceAll(written, wrong);
    });
    expect(status).toBe(1);
    expect(output).toContain(`${name}: ${kind}`);
  });

  it.each(stacks)("can read every Prometheus query of the dashboards of %s", (stack) => {
    const queries = dashboardQueries(settingsOf(stack)).filter(
      ({ datasource }) => datasource === "prometheus",
    );
    const rules = queries.map(({ runnable }, index) => ({
      record: `dashboard:query_${index}`,
      expr: runnable,
    }));
    const path = write(`${stack}-queries.yaml`, toYaml({ groups: [{ name: "queries", rules }] }));
    const { status, output } = run(promtool, "check", "rules", path);
    expect(output).toContain(`${queries.length} rules found`);
    expect(status, output).toBe(0);
  });
});

describe("amtool", () => {
  const told = { alertmanager: { webhooks: ["https://alerts.example.com/hook"] } };

  it.each([
    ["dev", "nobody", {}],
    ["prod", "nobody", {}],
    ["dev", "webhooks", told],
    ["prod", "webhooks", told],
  ])("takes the routing of %s to %s", (stack, receiver, overlay) => {
    const settings = settingsOf(stack, overlay);
    const path = write(`${stack}-${receiver}.yaml`, renderRouting(settings));
    const { status, output } = run(amtool, "check-config", path);
    expect(status, output).toBe(0);
    expect(output).toContain("1 receivers");
  });

  it("leads every rule to the receiver", () => {
    const settings = settingsOf("prod", told);
    const path = write("routes.yaml", renderRouting(settings));
    for (const { name, severity } of alertRules(settings)) {
      const { status, output } = run(
        amtool,
        ...["config", "routes", "test", `--config.file=${path}`, "--verify.receivers=webhooks"],
        ...[`alertname=${name}`, `severity=${severity}`],
      );
      expect(status, `${name}: ${output}`).toBe(0);
    }
  });

  it("would notice a route to somebody else", () => {
    const path = write("nobody.yaml", renderRouting(settingsOf("prod")));
    const { status, output } = run(
      amtool,
      ...["config", "routes", "test", `--config.file=${path}`, "--verify.receivers=webhooks"],
      "severity=critical",
    );
    expect(output).toContain("nobody");
    expect(status).toBe(1);
  });
});
