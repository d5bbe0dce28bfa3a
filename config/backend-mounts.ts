/** Where each backend's container finds its files: the generated configuration names these, the pod mounts them. */
export const backendMounts = {
  loki: { config: "/etc/sightline/loki", data: "/var/lib/sightline/loki" },
  tempo: { config: "/etc/sightline/tempo", data: "/var/lib/sightline/tempo" },
  prometheus: {
    config: "/etc/sightline/prometheus",
    rules: "/etc/sightline/rules",
    data: "/var/lib/sightline/prometheus",
  },
  alertmanager: {
    config: "/etc/sightline/alertmanager",
    data: "/var/lib/sightline/alertmanager",
  },
  grafana: {
    config: "/etc/sightline/grafana",
    /** Grafana looks for a folder of this name below its provisioning folder. */
    datasources: "/etc/sightline/provisioning/datasources",
    dashboardProviders: "/etc/sightline/provisioning/dashboards",
    provisioning: "/etc/sightline/provisioning",
    dashboards: "/etc/sightline/dashboards",
    /** Secret with the password of `admin`. */
    admin: "/etc/sightline/grafana-admin",
    data: "/var/lib/sightline/grafana",
  },
} as const;

/** Single files below the mounts. */
export const backendFiles = {
  loki: `${backendMounts.loki.config}/loki.yaml`,
  tempo: `${backendMounts.tempo.config}/tempo.yaml`,
  prometheus: `${backendMounts.prometheus.config}/prometheus.yaml`,
  alertmanager: `${backendMounts.alertmanager.config}/alertmanager.yaml`,
  grafana: `${backendMounts.grafana.config}/grafana.ini`,
  grafanaAdminPassword: `${backendMounts.grafana.admin}/password`,
  grafanaDatasources: `${backendMounts.grafana.datasources}/datasources.yaml`,
  grafanaDashboardProviders: `${backendMounts.grafana.dashboardProviders}/providers.yaml`,
} as const;

/** Environment variables that generated configuration reads, each with the pod field that fills it. */
export const backendEnvironment = {
  POD_IP: "status.podIP",
  POD_NAME: "metadata.name",
} as const;

/** The variable as configuration files spell it, for the servers that put variables in. */
export function variable(name: keyof typeof backendEnvironment): string {
  return `\${${name}}`;
}
