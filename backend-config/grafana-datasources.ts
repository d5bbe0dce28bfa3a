import { datasourceUids } from "../config/datasources.ts";
import type { Endpoints } from "../config/endpoints.ts";
import { metricNames } from "../config/metric-names.ts";
import type { Settings } from "../config/settings.ts";

/** Grafana takes variables out of these files; a doubled dollar is one that stays. */
const kept = (name: string) => `$\${${name}}`;

const traceIdKey = "trace_id";
const aroundSpan = { spanStartTimeShift: "-5m", spanEndTimeShift: "5m" };
/** The span's service, as attribute and as the label that logs and metrics carry it under. */
const serviceTag = { key: "service.name", value: "service_name" };

/** The four datasources and every link between them. */
export function datasources(
  settings: Settings,
  endpoints: Pick<Endpoints, "alertmanager" | "loki" | "prometheus" | "tempo">,
) {
  return [
    { name: "Loki", uid: datasourceUids.loki, url: endpoints.loki, ...loki },
    { name: "Tempo", uid: datasourceUids.tempo, url: endpoints.tempo, ...tempo },
    {
      name: "Prometheus",
      uid: datasourceUids.prometheus,
      url: endpoints.prometheus,
      isDefault: true,
      ...prometheus(settings),
    },
    {
      name: "Alertmanager",
      uid: datasourceUids.alertmanager,
      url: endpoints.alertmanager,
      ...alertmanager,
    },
  ].map((datasource) => ({ ...datasource, access: "proxy", editable: false }));
}

const loki = {
  type: "loki",
  jsonData: {
    derivedFields: [
      {
        name: traceIdKey,
        // Looks at structured metadata, where OTLP's trace id is, and not through the text of the line.
        matcherType: "label",
        matcherRegex: traceIdKey,
        datasourceUid: datasourceUids.tempo,
        url: kept("__value.raw"),
        urlDisplayLabel: "Trace",
      },
    ],
  },
};

const tempo = {
  type: "tempo",
  jsonData: {
    tracesToLogsV2: {
      datasourceUid: datasourceUids.loki,
      ...aroundSpan,
      tags: [serviceTag],
      customQuery: true,
      query: `{${kept("__tags")}} | ${traceIdKey}="${kept("__trace.traceId")}"`,
    },
    tracesToMetrics: {
      datasourceUid: datasourceUids.prometheus,
      ...aroundSpan,
      tags: [serviceTag],
      queries: [
        { name: "Requests", query: `sum(rate(${metricNames.spans.calls}{$$__tags}[5m]))` },
        {
          name: "95th percentile of the duration",
          query: `histogram_quantile(0.95, sum by (le) (rate(${metricNames.spans.durationBucket}{$$__tags}[5m])))`,
        },
      ],
    },
    serviceMap: { datasourceUid: datasourceUids.prometheus },
    nodeGraph: { enabled: true },
  },
};

function prometheus(settings: Settings) {
  return {
    type: "prometheus",
    jsonData: {
      httpMethod: "POST",
      prometheusType: "Prometheus",
      // Without it, panels ask for rates over less than two scrapes and find nothing.
      timeInterval: `${settings.prometheus.scrapeIntervalSeconds}s`,
      alertmanagerUid: datasourceUids.alertmanager,
      exemplarTraceIdDestinations: [
        { name: traceIdKey, datasourceUid: datasourceUids.tempo, urlDisplayLabel: "Trace" },
      ],
    },
  };
}

const alertmanager = {
  type: "alertmanager",
  jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
};
