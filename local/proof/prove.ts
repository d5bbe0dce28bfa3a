import type { Settings } from "../../config/settings.ts";
import type { Log } from "../cluster/cluster.ts";
import { followProgress, type Progress } from "../cluster/progress.ts";
import type { Exemplar, LogLine, TraceSpan } from "./answers.ts";
import { placeOrder, type Ordered, type ProofUrls } from "./backends.ts";
import { notLinked } from "./failure.ts";
import { withPortForwards, type Kubectl } from "./port-forward.ts";
import { poll, type Search } from "./poll.ts";
import { searchAll } from "./searches.ts";
import { proofTargets } from "./targets.ts";

/** One request, found as log, trace and metric, each leading to the next. */
export interface Proof {
  readonly traceId: string;
  readonly log: Found<LogLine>;
  readonly trace: Found<readonly TraceSpan[]>;
  /** The application's own counter. */
  readonly counter: Found<number>;
  /** Spans that the platform counted. */
  readonly calls: Found<number>;
  /** An exemplar of the request metrics; the trace it names is in Tempo. */
  readonly exemplar: Found<Exemplar>;
  /** From `startedAtMs` until the last of them was found. */
  readonly totalSeconds: number;
}

/** A thing, and how long after the request it was found. */
export interface Found<T> {
  readonly value: T;
  readonly lagSeconds: number;
}

export interface ProofOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly timeoutSeconds?: number;
  /** When the work began whose whole duration is told; now, by default. */
  readonly startedAtMs?: number;
  /** How often a line says what is still looked for. */
  readonly notePeriodMs?: number;
}

const defaultTimeoutSeconds = 90;
const retryMs = 500;

/** Sends one request to the example in the cluster and finds it in every backend; throws with what was missing. */
export async function proveLink(options: ProofOptions & { kubectl: Kubectl }): Promise<Proof> {
  const startedAtMs = options.startedAtMs ?? Date.now();
  return withPortForwards(options.kubectl, proofTargets(options.settings), (urls) =>
    proveThrough(urls, { ...options, startedAtMs }),
  );
}

/** The same where the backends can be reached already. */
export async function proveThrough(urls: ProofUrls, options: ProofOptions): Promise<Proof> {
  const progress = followProgress(options.log, options.notePeriodMs);
  try {
    return await prove(urls, options, progress);
  } finally {
    progress.stop();
  }
}

async function prove(urls: ProofUrls, options: ProofOptions, progress: Progress): Promise<Proof> {
  const { settings, log, timeoutSeconds = defaultTimeoutSeconds } = options;
  const beganAtMs = Date.now();
  const deadlineMs = beganAtMs + timeoutSeconds * 1_000;
  const ordered = await order(urls.hello, deadlineMs, progress);
  log(`request ${ordered.traceId} answered; looking for its log, trace and metrics …`);
  const searches = await searchAll(urls, ordered, deadlineMs, progress);
  const found = <T>(search: Search<T>): Found<T> => {
    if (!search.found) throw new Error(notLinked(searches, ordered, settings, timeoutSeconds));
    const { value, foundAtMs } = search;
    return { value, lagSeconds: (foundAtMs - ordered.sentAtMs) / 1_000 };
  };
  const parts = {
    log: found(searches.log),
    trace: found(searches.trace),
    counter: found(searches.counter),
    calls: found(searches.calls),
    exemplar: found(searches.exemplar),
  };
  mustLink(parts.log.value, parts.trace.value);
  const lastLag = Math.max(...Object.values(parts).map(({ lagSeconds }) => lagSeconds));
  const beforeRequest = (ordered.sentAtMs - (options.startedAtMs ?? beganAtMs)) / 1_000;
  return { traceId: ordered.traceId, ...parts, totalSeconds: beforeRequest + lastLag };
}

/** A pod may take a moment to answer through a port that was just opened. */
async function order(helloUrl: string, deadlineMs: number, progress: Progress): Promise<Ordered> {
  const title = "an answer of hello";
  const look = async () => ({ value: await placeOrder(helloUrl) });
  const notYet = (reason: string) => {
    progress.because(title, reason);
  };
  const search = await progress.during(
    title,
    poll(look, { deadlineMs, intervalMs: retryMs, notYet }),
  );
  if (search.found) return search.value;
  throw new Error(`hello took no order: ${search.last} (asked ${search.attempts} times)`);
}

/** The line must name a span of the trace, or a click on it would lead beside it. */
function mustLink(log: LogLine, spans: readonly TraceSpan[]): void {
  const spanId = log.labels["span_id"];
  if (spans.some((span) => span.spanId === spanId)) return;
  const ids = spans.map((span) => span.spanId).join(", ");
  throw new Error(
    `the log line names span ${spanId ?? "none"}, but the trace has ${ids}: log and trace are not linked`,
  );
}
