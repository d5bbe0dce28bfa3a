import { metricNames } from "../config/metric-names.ts";
import { toYaml } from "../config/yaml.ts";

/** What Grafana's table below its service map asks for; the name cannot be set there, nor the connector's here. */
const grafanaLatencyBucket = "traces_spanmetrics_latency_bucket";

/**
 * The rule file that gives Grafana's service map the durations it looks for. Series by series, not summed up, so that
 * rates stay right when a sampler starts anew; only of servers, which is what the table shows.
 */
export function renderRecordings(): string {
  const expr = `${metricNames.spans.durationBucket}{span_kind="SPAN_KIND_SERVER"}`;
  return toYaml({
    groups: [{ name: "service-map", rules: [{ record: grafanaLatencyBucket, expr }] }],
  });
}
