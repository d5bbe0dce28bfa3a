import { backendMounts, variable } from "../config/backend-mounts.ts";
import type { Endpoints } from "../config/endpoints.ts";
import type { Settings } from "../config/settings.ts";
import { mibPerGiB } from "../config/units.ts";
import { toYaml } from "../config/yaml.ts";
import { annotatedPodsJob, cadvisorJob, kubeletJob, platformJob } from "./scrape-jobs.ts";

const longestScrapeSeconds = 10;
/** Tells two replicas apart; an alert must not carry it, or Alertmanager takes the two for different ones. */
const replicaLabel = "replica";

/**
 * Resource attributes that become labels of every pushed metric. Not `service.instance.id`: it already is `instance`.
 * What is not here can still be joined from `target_info`.
 */
export const promotedAttributes = [
  "service.name",
  "service.namespace",
  "service.version",
  "deployment.environment.name",
  "k8s.cluster.name",
  "k8s.namespace.name",
  "k8s.node.name",
  "k8s.pod.name",
  "k8s.container.name",
  "k8s.deployment.name",
  "k8s.statefulset.name",
  "k8s.daemonset.name",
  "k8s.cronjob.name",
  "k8s.job.name",
  // Of the cluster's state: without them the series of two such objects would be one.
  "k8s.hpa.name",
  "k8s.resourcequota.name",
] as const;

/** Prometheus' whole configuration; what it can only be told by flags is in the component. */
export function prometheusConfig(
  settings: Settings,
  endpoints: Pick<Endpoints, "alertmanagerReplicas">,
): string {
  const { prometheus } = settings;
  return toYaml({
    global: {
      scrape_interval: `${prometheus.scrapeIntervalSeconds}s`,
      scrape_timeout: `${Math.min(longestScrapeSeconds, prometheus.scrapeIntervalSeconds)}s`,
      evaluation_interval: `${prometheus.evaluationIntervalSeconds}s`,
      external_labels: {
        cluster: settings.cluster.name,
        environment: settings.environment,
        [replicaLabel]: variable("POD_NAME"),
      },
    },
    rule_files: [`${backendMounts.prometheus.rules}/*.yaml`],
    alerting: {
      alert_relabel_configs: [{ action: "labeldrop", regex: replicaLabel }],
      alertmanagers: [{ static_configs: [{ targets: endpoints.alertmanagerReplicas }] }],
    },
    otlp: {
      translation_strategy: "UnderscoreEscapingWithSuffixes",
      promote_resource_attributes: promotedAttributes,
    },
    storage: {
      tsdb: {
        out_of_order_time_window: `${settings.replayMinutes}m`,
        retention: { time: `${prometheus.retentionDays}d`, size: retentionSize(settings) },
      },
      exemplars: { max_exemplars: prometheus.maxExemplars },
    },
    scrape_configs: [
      platformJob(settings),
      kubeletJob(settings),
      cadvisorJob(settings),
      annotatedPodsJob(settings),
    ],
  });
}

/** Prometheus counts in powers of two, whatever the unit's name. */
function retentionSize({ prometheus }: Settings): string {
  const { volumeGiB, retentionPercent } = prometheus;
  return `${Math.floor((volumeGiB * mibPerGiB * retentionPercent) / 100)}MB`;
}
