import { metricNames, type CollectorCounter } from "../../config/metric-names.ts";
import { bySignal, orZero, platformJobs } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import { prom, promNow } from "./query.ts";

const { collector, scrape } = metricNames;
const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;
const total = (counter: CollectorCounter) => `(${orZero(`sum(${bySignal(counter, rate)})`)})`;

/** The first question: is it fine, and if not, where. */
export function healthQueries(settings: Settings) {
  const targets = `${scrape.up}{${platformJobs(settings)}}`;
  // The Watchdog always fires; it is the one rule of severity info.
  const firing = `${scrape.alerts}{alertstate="firing",severity!="info"}`;
  return {
    firingCount: promNow(orZero(`count(${firing})`), "firing"),
    firingList: promNow(`sum by (severity, alertname, job, pod, exporter) (${firing})`, ""),
    answering: promNow(`avg(${targets})`, "answering"),
    answeringByWorkload: promNow(`avg by (job) (${targets})`, "{{job}}"),
    accepted: prom(total("accepted"), "accepted"),
    refused: prom(total("refused"), "refused"),
    lost: prom(`${total("sendFailed")} + ${total("enqueueFailed")}`, "given up or without room"),
    fullestQueue: promNow(
      `max(${collector.queueSize} / ${collector.queueCapacity})`,
      "fullest queue",
    ),
  };
}
