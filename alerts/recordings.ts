import { metricNames } from "../config/metric-names.ts";
import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";

/** What Grafana's table below its service map asks for; the name cannot be set there, nor the connector's here. */
const grafanaLatencyBucket = "traces_spanmetrics_latency_bucket";

/** A series that Prometheus makes of others. */
interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** The rule file of what Prometheus makes for others to ask for. */
export function renderRecordings(settings: Settings): string {
  const groups: Readonly<Record<string, readonly Recording[]>> = {
    autoscaling: autoscaling(settings),
    "service-map": serviceMap(),
  };
  const filled = Object.entries(groups).filter(([, rules]) => rules.length > 0);
  return toYaml({ groups: filled.map(([name, rules]) => ({ name, rules })) });
}

/**
 * The durations that Grafana's service map looks for. Series by series, not summed up, so that rates stay right when a
 * sampler starts anew; only of servers, which is what the table shows.
 */
function serviceMap(): Recording[] {
  const expr = `${metricNames.spans.durationBucket}{span_kind="SPAN_KIND_SERVER"}`;
  return [{ record: grafanaLatencyBucket, expr }];
}

/** How full the fullest queue of each gateway is, with the labels by which an adapter finds its pod. */
function autoscaling({ collector }: Settings): Recording[] {
  if (collector.gateway.autoscaling.queueFillPercent === undefined) return [];
  const { queueSize, queueCapacity } = metricNames.collector;
  const of = (metric: string) => `${metric}{job="gateway"}`;
  const expr = `max by (namespace, pod) (100 * ${of(queueSize)} / ${of(queueCapacity)})`;
  return [{ record: metricNames.recorded.gatewayQueueFill, expr }];
}
