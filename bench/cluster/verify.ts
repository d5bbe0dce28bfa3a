import { eachLineOfSlices } from "../backends/loki.ts";
import { queryValue } from "../backends/prometheus.ts";
import { eachTrace } from "../backends/tempo.ts";
import { metricNames } from "../../config/metric-names.ts";
import { findId } from "../generator/ids.ts";
import { counterMetric } from "../generator/metrics.ts";
import { spanIdsOf, traceIdsOf } from "../generator/spans.ts";
import { Tally, together, type Comparison } from "../ledger.ts";
import type { Log } from "../run.ts";
import type { Traffic, WrittenSpans } from "./traffic.ts";

export interface Backends {
  readonly loki: string;
  readonly tempo: string;
  readonly prometheus: string;
}

/** Lines that a query into one slice should give: some pages. */
const linesPerSlice = 20_000;
const edgeMs = 5_000;

/** Looks every log up, by its id. */
export async function verifyLogs(
  { load, logs, run }: Traffic,
  url: string,
  log: Log,
): Promise<Comparison> {
  const tallies = logs.map(() => new Tally());
  const times = logs.flatMap(({ stream }) => [...stream.ledger.requests().values()]);
  const endMs = Math.max(...minMax(times)) + edgeMs;
  const startMs = load.startedAtMs - edgeMs;
  const records = logs.reduce((all, { stream }) => all + stream.ledger.records, 0);
  const perMs = records / (endMs - startMs);
  const query = `{service_name=~"bench-${run}-.*"}`;
  await eachLineOfSlices(
    { url, query, startMs, endMs },
    Math.max(100, Math.ceil(linesPerSlice / perMs)),
    ({ line }) => {
      const id = findId(line);
      if (id?.writer.run === run) tallies[id.writer.index]?.found(id.counter);
    },
    log,
  );
  return together(
    logs.map(({ stream }, index) => (tallies[index] ?? new Tally()).compare(stream.ledger)),
  );
}

/** Without spreading a million arguments. */
function minMax(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Looks traces up by their ids: all, or as many as asked for, evenly over the run. */
export async function verifyTraces(
  { args, stream }: WrittenSpans,
  url: string,
  most: number,
): Promise<Comparison & { readonly broken: number }> {
  const all = [...stream.ledger.requests().keys()].flatMap((request) =>
    traceIdsOf(args, request).map((id, index) => ({ id, counter: request * args.traces + index })),
  );
  const every = Math.max(1, Math.ceil(all.length / most));
  const asked = new Map(
    all.filter((_, index) => index % every === 0).map(({ id, counter }) => [id, counter]),
  );
  let [found, missing, duplicates, broken] = [0, 0, 0, 0];
  await eachTrace(url, [...asked.keys()], (id, spans) => {
    const expected = spanIdsOf(args, asked.get(id) ?? 0);
    const there = new Set(spans);
    const lacking = expected.filter((span) => !there.has(span)).length;
    found += expected.length - lacking;
    missing += lacking;
    duplicates += spans.length - there.size;
    if (lacking > 0 && lacking < expected.length) broken += 1;
  });
  const acked = asked.size * args.spansPerTrace;
  return { acked, found, missing, duplicates, broken, unacked: 0, missingSamples: [] };
}

/** Requests that the metrics made before sampling count, of the service that writes spans. */
export function countedRequests({ args }: WrittenSpans, url: string): Promise<number> {
  return queryValue(url, `sum(${metricNames.spans.calls}{service_name="${args.service}"})`);
}

/** Points of the counters that Prometheus holds. */
export function storedPoints({ points, load }: Traffic, url: string): Promise<number> {
  const seconds = Math.ceil((Date.now() - load.startedAtMs) / 1_000) + 60;
  const series = `${counterMetric.stored}{service_name="${points.service}"}`;
  return queryValue(url, `sum(count_over_time(${series}[${seconds}s]))`);
}
