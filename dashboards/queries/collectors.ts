import { metricNames, type CollectorCounter } from "../../config/metric-names.ts";
import { bySignal, orZero } from "../../config/promql.ts";
import type { Settings } from "../../config/settings.ts";
import { prom } from "./query.ts";

const { collector } = metricNames;
const mebibyte = 1_048_576;
const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

/** Series of what went wrong, and one line at zero that says that nothing did. */
function trouble(counter: CollectorCounter, labels: readonly string[]) {
  const [first = "pod"] = labels;
  const where = labels.map((label) => `{{${label}}}`).join(" ");
  return prom(
    orZero(`sum by (${labels.join(", ")}) (${bySignal(counter, rate)}) > 0`, { [first]: "none" }),
    where,
  );
}

function memoryShare(job: "agent" | "cluster" | "gateway" | "sampler", containerMiB: number) {
  return prom(`${collector.memoryRss}{job="${job}"} / ${containerMiB * mebibyte}`, "{{pod}}");
}

/** What comes into the collectors, what leaves them, and what is held or lost between. */
export function collectorQueries(settings: Settings) {
  const { agent, cluster, gateway, sampler } = settings.collector;
  return {
    accepted: prom(`sum by (job, signal) (${bySignal("accepted", rate)})`, "{{job}} {{signal}}"),
    acceptedByReplica: prom(`sum by (pod) (${bySignal("accepted", rate)})`, "{{pod}}"),
    refused: trouble("refused", ["pod", "signal"]),
    noRoom: trouble("enqueueFailed", ["pod", "exporter", "signal"]),
    givenUp: trouble("sendFailed", ["pod", "exporter", "signal"]),
    sent: prom(`sum by (exporter, signal) (${bySignal("sent", rate)})`, "{{exporter}} {{signal}}"),
    queueFill: prom(
      `${collector.queueSize} / ${collector.queueCapacity}`,
      "{{pod}} {{exporter}} {{data_type}}",
    ),
    memory: [
      memoryShare("agent", agent.resources.memoryMiB),
      memoryShare("cluster", cluster.resources.memoryMiB),
      memoryShare("gateway", gateway.resources.memoryMiB),
      memoryShare("sampler", sampler.resources.memoryMiB),
    ],
  };
}
