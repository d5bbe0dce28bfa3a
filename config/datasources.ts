/** Grafana's datasources, by their fixed uids: dashboards, links and provisioning all name them from here. */
export const datasourceUids = {
  loki: "loki",
  tempo: "tempo",
  prometheus: "prometheus",
  alertmanager: "alertmanager",
} as const;

export type Datasource = keyof typeof datasourceUids;
