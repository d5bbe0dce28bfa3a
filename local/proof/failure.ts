import { examplesNamespace, hello } from "../../config/examples.ts";
import type { Settings } from "../../config/settings.ts";
import type { Ordered } from "./backends.ts";
import type { Search } from "./poll.ts";
import { partTitles, type Searches } from "./searches.ts";

type Part = keyof Searches;

/** Says what was found and what not, what that points to, and where to look. */
export function notLinked(
  searches: Searches,
  ordered: Ordered,
  settings: Settings,
  timeoutSeconds: number,
): string {
  const parts = Object.keys(partTitles) as Part[];
  const missing = parts.filter((part) => !searches[part].found);
  const { causes, workloads } = diagnosis(new Set(missing), settings);
  return [
    `Request ${ordered.traceId} was answered, but not all of it was found within ${timeoutSeconds} s:`,
    ...parts.map((part) => `  ${partTitles[part].padEnd(24)}${outcome(searches[part], ordered)}`),
    ...causes.map((cause) => `Likely: ${cause}`),
    ...workloads.map((workload) => `Look:   ${logsCommand(settings, workload)}`),
  ].join("\n");
}

function outcome(search: Search<unknown>, { sentAtMs }: Ordered): string {
  return search.found
    ? `found after ${((search.foundAtMs - sentAtMs) / 1_000).toFixed(1)} s`
    : `not found: ${search.last} (asked ${search.attempts} times)`;
}

/** What the missing parts have in common on the way is where it was lost. */
function diagnosis(missing: ReadonlySet<Part>, settings: Settings) {
  const causes: string[] = [];
  const workloads = new Set<string>();
  const blame = (cause: string, ...looks: string[]) => {
    causes.push(cause);
    for (const workload of looks) workloads.add(workload);
  };
  const { keep, decisionWaitSeconds } = settings.collector.sampler;
  if (missing.size === Object.keys(partTitles).length) {
    blame("nothing reaches the gateway from the application.", "hello", "gateway");
    return { causes, workloads: [...workloads] };
  }
  if (missing.has("log")) {
    blame(
      "no log reached the gateway, or it cannot send to Loki, or Loki refuses.",
      "hello",
      "gateway",
      "loki",
    );
  }
  if (missing.has("trace") && missing.has("calls")) {
    blame("spans do not reach the sampler.", "gateway", "sampler");
  } else if (missing.has("trace")) {
    const dropped =
      keep.percentage < 100 ? ", or dropped the trace, since it keeps only a part of them" : "";
    blame(
      `the sampler has not decided yet (it waits up to ${decisionWaitSeconds} s)${dropped}, or cannot send to Tempo.`,
      "sampler",
      "tempo",
    );
  }
  if (missing.has("counter") && missing.has("calls")) {
    blame("Prometheus takes no OTLP.", "gateway", "sampler", "prometheus");
  } else if (missing.has("counter")) {
    blame("the gateway cannot send to Prometheus.", "gateway", "prometheus");
  } else if (missing.has("calls") && !missing.has("trace")) {
    blame("the sampler cannot send to Prometheus.", "sampler", "prometheus");
  }
  if (missing.has("exemplar") && !missing.has("trace") && !missing.has("calls")) {
    blame("Prometheus keeps no exemplars, or the sampler makes none.", "sampler", "prometheus");
  }
  return { causes, workloads: [...workloads] };
}

function logsCommand(settings: Settings, workload: string): string {
  const of = workload === hello.workload ? examplesNamespace(settings) : settings.namespace;
  return `kubectl -n ${of} logs -l app.kubernetes.io/name=${workload} --tail=50`;
}
