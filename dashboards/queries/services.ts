import { metricNames } from "../../config/metric-names.ts";
import { prom, promWithExemplars } from "./query.ts";

const { keptSpans, spans } = metricNames;

/** Spans of requests that a service answers: counting what it calls as well would count a request at both ends. */
const requests = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER",service_name=~"$service"';
const failed = `${requests},status_code="STATUS_CODE_ERROR"`;

function rateByService(metric: string, selector: string, labels = "service_name"): string {
  return `sum by (${labels}) (rate(${metric}{${selector}}[$__rate_interval]))`;
}

function quantile(share: number, bucket: string): string {
  return `histogram_quantile(${share}, ${rateByService(bucket, requests, "le, service_name")})`;
}

/** Rate, errors and duration of services, from every span before sampling. */
export const serviceQueries = {
  requestRate: prom(rateByService(spans.calls, requests), "{{service_name}}"),
  // A service that never failed has no series of failures: its share is zero, not missing.
  errorShare: prom(
    `(${rateByService(spans.calls, failed)} or ${rateByService(spans.calls, requests)} * 0)` +
      ` / ${rateByService(spans.calls, requests)}`,
    "{{service_name}}",
  ),
  // The right side adds no line: it is there for its exemplars, all of which lead to traces that were kept.
  latency95: promWithExemplars(
    `${quantile(0.95, spans.durationBucket)} or ${quantile(0.95, keptSpans.durationBucket)}`,
    "{{service_name}}",
  ),
} as const;
