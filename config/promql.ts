import {
  collectorCounters,
  collectorSignals,
  loopbackPrefix,
  optionalExporterPrefix,
  type CollectorCounter,
} from "./metric-names.ts";
import type { Settings } from "./settings.ts";
import { deployedWorkloads } from "./topology.ts";

/** Matcher of the platform's own scrape targets: a target's job is its workload's name. */
export function platformJobs(settings: Settings): string {
  return `job=~"${deployedWorkloads(settings).join("|")}"`;
}

/** Exporters of the platform's own targets, and listeners that somebody else sends to. */
export const primaryExporters = `exporter!~".+/(${optionalExporterPrefix}|${loopbackPrefix}).+"`;
export const outerReceivers = `receiver!~".+/${loopbackPrefix}.+"`;
/** Exporters of optional targets: Prometheus from the second on, and the fan-out's. */
export const optionalExporters = `exporter=~".+/${optionalExporterPrefix}.+"`;

/** What comes in is counted where it enters, not again on the collector's own loopback. */
const ofEveryReceiver: Partial<Record<CollectorCounter, string>> = {
  accepted: outerReceivers,
  refused: outerReceivers,
};

/** One counter of the collectors for all three signals, as one vector with the label `signal`. */
export function bySignal(
  counter: CollectorCounter,
  expr: (metric: string) => string,
  matcher = ofEveryReceiver[counter],
): string {
  const vectors = collectorSignals.map((signal) => {
    const metric = collectorCounters[counter][signal];
    const series = matcher === undefined ? metric : `${metric}{${matcher}}`;
    return `label_replace(${expr(series)}, "signal", "${signal}", "", "")`;
  });
  return `(${vectors.join(" or ")})`;
}

/** Adds the label `target` to series of optional exporters. */
export function withTarget(vector: string): string {
  return `label_replace(${vector}, "target", "$1", "exporter", ".+/${optionalExporterPrefix}(.+)")`;
}

/**
 * By how much each series of a counter grew within the window, where it did. `increase` alone is blind to a counter's
 * first event: most counters appear with their first value, and what appears has not increased. A series counts as new
 * when the hour before the window does not know it, so a shorter gap in scraping is not taken for one.
 */
export function grewWithin(counter: string, windowSeconds: number): string {
  const window = `${windowSeconds}s`;
  const appeared = `(${counter} > 0 unless last_over_time(${counter}[1h] offset ${window}))`;
  return `(${appeared} or increase(${counter}[${window}]) > 0)`;
}

/** The expression, or one zero with these labels when it finds nothing: "none refused" must read 0, not "No data". */
export function orZero(expr: string, labels: Readonly<Record<string, string>> = {}): string {
  const zero = Object.entries(labels).reduce(
    (vector, [name, value]) => `label_replace(${vector}, "${name}", "${value}", "", "")`,
    "vector(0)",
  );
  return `${expr} or on() ${zero}`;
}
