import { datasourceUids } from "../../config/datasources.ts";
import { metricNames } from "../../config/metric-names.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import type { TraceSpan } from "./answers.ts";
import { kubectlArgs, type ForwardTarget, type Kubectl } from "./port-forward.ts";
import type { Found, Proof } from "./prove.ts";
import {
  logsOfTrace,
  lokiRangePath,
  prometheusExemplarsPath,
  prometheusQueryPath,
  seriesOf,
  tempoTracePath,
} from "./queries.ts";
import { example } from "./searches.ts";
import { proofTargets } from "./targets.ts";

/** What a person reads at the end: the request in each backend, how long each took, and where to see it. */
export function proofLines(proof: Proof, settings: Settings, kubectl: Kubectl): string[] {
  return [...summary(proof), "", ...whereToLook(proof, settings, kubectl)];
}

function summary(proof: Proof): string[] {
  const { log, trace, counter, calls, exemplar } = proof;
  const severity = log.value.labels["severity_text"] ?? log.value.labels["detected_level"] ?? "";
  const which = exemplar.value.traceId === proof.traceId ? "this trace" : exemplar.value.traceId;
  return [
    `Linked: request ${proof.traceId}`,
    line("log", log, `${severity} "${log.value.line}", span ${log.value.labels["span_id"] ?? ""}`),
    ...spanTree(trace.value).map((text, index) =>
      index === 0 ? line("trace", trace, text) : `${" ".repeat(indent)}${text}`,
    ),
    line("counter", counter, `${example.counter} ${counter.value}`),
    line("spans", calls, `${metricNames.spans.calls} ${calls.value}`),
    line("exemplar", exemplar, `${metricNames.keptSpans.durationBucket} leads to ${which}`),
    `${proof.totalSeconds.toFixed(1)} s from the start until all of it was linked`,
  ];
}

const indent = 22;

function line(title: string, { lagSeconds }: Found<unknown>, text: string): string {
  return `  ${title.padEnd(10)}${`${lagSeconds.toFixed(1)} s`.padStart(7)}   ${text}`;
}

/** One line a span, each below its parent. A span whose parent is not there stands at the left, as the root does. */
export function spanTree(spans: readonly TraceSpan[]): string[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const parentOf = ({ parentSpanId }: TraceSpan) =>
    parentSpanId !== undefined && ids.has(parentSpanId) ? parentSpanId : undefined;
  const below = (parent: string | undefined, depth: number): string[] =>
    spans
      .filter((span) => parentOf(span) === parent)
      .flatMap((span) => [
        `${"   ".repeat(Math.max(0, depth - 1))}${depth > 0 ? "└─ " : ""}` +
          `${span.service}: ${span.name} ${span.durationMs.toFixed(1)} ms`,
        ...below(span.spanId, depth + 1),
      ]);
  return below(undefined, 0);
}

/** Commands that open a port, with what to open there. The ports of this proof are closed again. */
function whereToLook(proof: Proof, settings: Settings, kubectl: Kubectl): string[] {
  const targets = proofTargets(settings);
  const [from, to] = [Date.now() - hourMs, Date.now() + hourMs];
  const logs = lokiRangePath(logsOfTrace(example.service, proof.traceId), from, to);
  const exemplars = seriesOf(metricNames.keptSpans.durationBucket, example.service);
  const places: [string, ForwardTarget, string][] = [
    ["Loki", targets.loki, logs],
    ["Tempo", targets.tempo, tempoTracePath(proof.traceId)],
    [
      "Prometheus",
      targets.prometheus,
      prometheusQueryPath(seriesOf(example.counter, example.service)),
    ],
    ["Exemplars", targets.prometheus, prometheusExemplarsPath(exemplars, from, to)],
  ];
  if (settings.grafana.enabled) places.unshift(["Grafana", grafana(settings), explore(proof)]);
  return [
    "To look yourself, open a port (until Ctrl-C) and then the address:",
    ...places.flatMap(([title, target, path]) => [
      `  ${title.padEnd(12)}${forwardCommand(kubectl, target)}`,
      `  ${"".padEnd(12)}http://127.0.0.1:${target.port}${path}`,
    ]),
  ];
}

const hourMs = 3_600_000;

function grafana({ namespace }: Settings): ForwardTarget {
  return { namespace, resource: "svc/grafana", port: ports.grafana.http };
}

/** Grafana's Explore with the trace open, from which its log and its metrics are one click away. */
function explore({ traceId }: Proof): string {
  const uid = datasourceUids.tempo;
  const query = {
    refId: "A",
    datasource: { type: "tempo", uid },
    queryType: "traceql",
    query: traceId,
  };
  const panes = {
    trace: { datasource: uid, queries: [query], range: { from: "now-1h", to: "now" } },
  };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
}

function forwardCommand(kubectl: Kubectl, { namespace, resource, port }: ForwardTarget): string {
  const args = [...kubectlArgs(kubectl), "-n", namespace, "port-forward", resource, `${port}`];
  return [kubectl.program, ...args].join(" ");
}
