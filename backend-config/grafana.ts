import { backendFiles, backendMounts } from "../config/backend-mounts.ts";
import type { Endpoints } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";
import { datasources } from "./grafana-datasources.ts";
import { toIni } from "./ini.ts";

/** The files that Grafana starts from. */
export interface GrafanaFiles {
  readonly ini: string;
  readonly datasources: string;
  readonly dashboardProviders: string;
}

/** How often Grafana looks for changed dashboards in its mounted folder. */
const dashboardsIntervalSeconds = 30;

export function grafanaFiles(
  settings: Settings,
  endpoints: Pick<Endpoints, "alertmanager" | "loki" | "prometheus" | "tempo">,
): GrafanaFiles {
  return {
    ini: ini(settings),
    datasources: toYaml({
      apiVersion: 1,
      // What is taken out of this file goes from Grafana too.
      prune: true,
      datasources: datasources(settings, endpoints),
    }),
    dashboardProviders: toYaml({
      apiVersion: 1,
      providers: [
        {
          name: "sightline",
          type: "file",
          folder: "Sightline",
          disableDeletion: true,
          allowUiUpdates: false,
          updateIntervalSeconds: dashboardsIntervalSeconds,
          options: { path: backendMounts.grafana.dashboards },
        },
      ],
    }),
  };
}

/** Paths are not here: the image says them by variables, which win over any file. */
function ini({ grafana }: Settings): string {
  const { rootUrl } = grafana;
  return toIni({
    server: {
      http_port: ports.grafana.http,
      ...(rootUrl === undefined ? {} : { root_url: rootUrl }),
    },
    security: {
      admin_user: "admin",
      // Read once, when the volume is new. Later: `grafana cli admin reset-admin-password` in the pod.
      admin_password: `$__file{${backendFiles.grafanaAdminPassword}}`,
      cookie_secure: rootUrl?.startsWith("https:") ?? false,
      disable_gravatar: true,
    },
    users: { allow_sign_up: false },
    // The volume has one writer, but many readers of long lists; without it they lock each other out.
    database: { type: "sqlite3", wal: true },
    plugins: {
      // Loki, Tempo and Prometheus are plugins in the image. At its start Grafana stops those that are not the newest,
      // then fails to replace them in a read-only image, and their datasources are gone.
      preinstall_disabled: true,
      preinstall_auto_update: false,
      plugin_admin_enabled: false,
      // Plugins are processes of their own and know nothing of GOMEMLIMIT otherwise.
      forward_go_runtime_env_vars: true,
    },
    // Nothing leaves the cluster, and no policy would let it.
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    news: { news_feed_enabled: false },
    snapshots: { external_enabled: false },
    log: { mode: "console" },
    "log.console": { format: "json" },
    metrics: { enabled: true },
  });
}
