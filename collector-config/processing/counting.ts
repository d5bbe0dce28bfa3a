import { cleanedAttribute } from "../../config/attribute-names.ts";
import type { Connector, Pipeline, Processor } from "../model.ts";
import { countedHere, keepResourceAttributes } from "../processors.ts";
import { set, transform } from "./ottl.ts";

/** Whose records they were. Pods are left out: a service that sends secrets does so from all of them. */
const owner = [
  "service.name",
  "service.namespace",
  "sightline.tenant",
  "deployment.environment.name",
  "k8s.cluster.name",
  "k8s.namespace.name",
];

/** Counts the records that something was taken from, by their service and by what was done. */
export function cleanedCounter(): Connector {
  const counted = (what: string) => ({
    description: `${what} from which a secret was taken, or that were cut to their limits.`,
    attributes: [{ key: cleanedAttribute }],
  });
  return {
    kind: "connector",
    name: "count",
    purpose: "cleaned",
    config: {
      logs: { "sightline.cleaned.logs": counted("Logs") },
      spans: { "sightline.cleaned.spans": counted("Spans") },
    },
  };
}

/** The connector hands on a count of nothing for every batch: a filter sends none of those on. */
const withoutNothing: Processor = {
  kind: "processor",
  name: "filter",
  purpose: "counted",
  config: { error_mode: "silent", metric_conditions: ["datapoint.value_int == 0"] },
};

/** Leads the counts to Prometheus. They are kept and sent on at intervals, so that no log waits for Prometheus. */
export function cleanedPipeline(counter: Connector, exporters: Pipeline["exporters"]): Pipeline {
  const now = [set("datapoint.start_time", "Now()"), set("datapoint.time", "Now()")];
  return {
    signal: "metrics",
    purpose: "cleaned",
    receivers: [counter],
    processors: [
      // The connector gives counts the records' times, in which a sum would go back and forth.
      transform("counted", { metrics: [{ statements: now }] }),
      keepResourceAttributes("owner", owner),
      countedHere(),
      {
        kind: "processor",
        name: "delta_to_cumulative",
        purpose: "cleaned",
        config: { max_stale: "1h" },
      },
      { kind: "processor", name: "interval", purpose: "cleaned", config: { interval: "15s" } },
      withoutNothing,
    ],
    exporters,
  };
}
