import { expect, inject } from "vitest";
import { datasourceUids } from "../../config/datasources.ts";
import { ports } from "../../config/ports.ts";
import { dashboards } from "../../dashboards/dashboards.ts";
import { getJson } from "../../local/proof/backends.ts";
import { withPortForwards } from "../../local/proof/port-forward.ts";
import { readSecrets } from "../../secrets/pulumi-cli.ts";
import { testWhere } from "../not-run-here.ts";
import { eventually } from "./eventually.ts";
import { testStack } from "./stacks.ts";

const { grafana, kubectl, engine } = inject("machine");
const { stack, settings } = testStack("dev", { loki: { retentionDays: 5 } });

testWhere(
  grafana,
  "Grafana's image cannot be pulled",
  "Grafana has every datasource, healthy, and every dashboard",
  async () => {
    const { grafanaAdminPassword = "" } = await readSecrets(
      {
        binary: engine.binary,
        env: engine.env,
        cwd: stack.projectDir,
        configFile: stack.configFile,
      },
      stack.name,
    );
    const target = {
      namespace: settings.namespace,
      resource: "svc/grafana",
      port: ports.grafana.http,
    };
    await withPortForwards(kubectl, { grafana: target }, async (urls) => {
      const authorization = `Basic ${Buffer.from(`admin:${grafanaAdminPassword}`).toString("base64")}`;
      const status = async (path: string) =>
        (await fetch(`${urls.grafana}${path}`, { headers: { authorization } })).status;
      await eventually("Grafana answers", async () => {
        await getJson(`${urls.grafana}/api/health`);
      });
      for (const uid of Object.values(datasourceUids)) {
        expect([uid, await status(`/api/datasources/uid/${uid}`)]).toEqual([uid, 200]);
        // Alertmanager's plugin has no part in Grafana's server that could be asked.
        if (uid === datasourceUids.alertmanager) continue;
        expect([uid, await status(`/api/datasources/uid/${uid}/health`)]).toEqual([uid, 200]);
      }
      for (const { uid } of dashboards(settings)) {
        expect([uid, await status(`/api/dashboards/uid/${uid}`)]).toEqual([uid, 200]);
      }
    });
  },
);
