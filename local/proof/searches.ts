import { metricNames } from "../../config/metric-names.ts";
import type { Progress } from "../cluster/progress.ts";
import {
  parseExemplars,
  parseLogLines,
  parseTrace,
  parseValue,
  type Exemplar,
  type LogLine,
  type TraceSpan,
} from "./answers.ts";
import { getJson, type Ordered, type ProofUrls } from "./backends.ts";
import { poll, type Look, type Search } from "./poll.ts";
import {
  logsOfTrace,
  lokiRangePath,
  prometheusExemplarsPath,
  prometheusQueryPath,
  sampledSince,
  seriesOf,
  tempoTracePath,
} from "./queries.ts";

/** What one request must leave behind, and what became of looking for it. */
export interface Searches {
  readonly log: Search<LogLine>;
  readonly trace: Search<readonly TraceSpan[]>;
  readonly counter: Search<number>;
  readonly calls: Search<number>;
  readonly exemplar: Search<Exemplar>;
}

/** The example's name and its counter, as the backends show them. */
export const example = {
  service: "hello",
  counter: "hello_orders_total",
  spans: ["POST /orders", "reserve stock"],
} as const;

/** What each part is called. */
export const partTitles: Readonly<Record<keyof Searches, string>> = {
  log: "log in Loki",
  trace: "trace in Tempo",
  counter: "counter in Prometheus",
  calls: "requests in Prometheus",
  exemplar: "exemplar in Prometheus",
};

const pollMs = 200;
/** Clocks of the cluster's nodes and of this machine may differ by so much. */
const clockSlackMs = 60_000;

/** Looks for everything at once: each has its own lag, and none shall wait for another. */
export async function searchAll(
  urls: ProofUrls,
  ordered: Ordered,
  deadlineMs: number,
  progress: Progress,
): Promise<Searches> {
  const useless = new AbortController();
  const search = <T>(part: keyof Searches, look: () => Promise<Look<T>>) => {
    const title = partTitles[part];
    const notYet = (reason: string) => {
      progress.because(title, reason);
    };
    const options = { deadlineMs, intervalMs: pollMs, signal: useless.signal, notYet };
    const found = poll(look, options).catch((error: unknown) => {
      useless.abort();
      throw error;
    });
    return progress.during(title, found);
  };
  const [log, trace, counter, calls, exemplar] = await Promise.all([
    search("log", () => lookForLog(urls, ordered)),
    search("trace", () => lookForTrace(urls, ordered.traceId)),
    search("counter", () => lookForValue(urls, example.counter, ordered)),
    search("calls", () => lookForValue(urls, metricNames.spans.calls, ordered)),
    search("exemplar", () => lookForExemplar(urls, ordered)),
  ]);
  return { log, trace, counter, calls, exemplar };
}

async function lookForLog(urls: ProofUrls, ordered: Ordered): Promise<Look<LogLine>> {
  const query = logsOfTrace(example.service, ordered.traceId);
  const [from, to] = [ordered.sentAtMs - clockSlackMs, Date.now() + clockSlackMs];
  const answer = await getJson(urls.loki + lokiRangePath(query, from, to));
  const [line] = parseLogLines(answer);
  return line === undefined ? { notYet: `Loki has no line for ${query}` } : { value: line };
}

async function lookForTrace(urls: ProofUrls, traceId: string): Promise<Look<TraceSpan[]>> {
  const spans = await traceSpans(urls, traceId);
  if (spans === undefined) return { notYet: "Tempo does not know the trace" };
  const missing = example.spans.filter((name) => !spans.some((span) => span.name === name));
  if (missing.length === 0) return { value: spans };
  return { notYet: `Tempo has ${spans.length} span(s) of it, without "${missing.join('", "')}"` };
}

async function traceSpans(urls: ProofUrls, traceId: string): Promise<TraceSpan[] | undefined> {
  const answer = await getJson(urls.tempo + tempoTracePath(traceId));
  if (answer === undefined) return undefined;
  const spans = parseTrace(answer);
  return spans.length === 0 ? undefined : spans;
}

/** Only a sample from after the request proves anything: an older one may be from another day. */
async function lookForValue(
  urls: ProofUrls,
  metric: string,
  { answeredAtMs }: Ordered,
): Promise<Look<number>> {
  const query = sampledSince(metric, example.service, answeredAtMs);
  const value = parseValue(await getJson(urls.prometheus + prometheusQueryPath(query)));
  // A new counter shows a zero first, which counts nothing yet.
  return value === undefined || value === 0
    ? { notYet: `Prometheus has no count since the request for ${metric}` }
    : { value };
}

async function lookForExemplar(urls: ProofUrls, ordered: Ordered): Promise<Look<Exemplar>> {
  const { durationBucket } = metricNames.keptSpans;
  const query = seriesOf(durationBucket, example.service);
  const path = prometheusExemplarsPath(query, ordered.sentAtMs, Date.now() + clockSlackMs);
  const exemplars = parseExemplars(await getJson(urls.prometheus + path));
  const own = exemplars.find(({ traceId }) => traceId === ordered.traceId);
  const exemplar = own ?? exemplars[0];
  if (exemplar === undefined) return { notYet: `Prometheus has no exemplar of ${durationBucket}` };
  const spans = await traceSpans(urls, exemplar.traceId);
  return spans === undefined
    ? { notYet: `Tempo does not know trace ${exemplar.traceId}, which an exemplar names` }
    : { value: exemplar };
}
