import type { SentTrace } from "./sampling-traffic.ts";

/** What was sent, as far as it is judged by. */
export interface Sent {
  readonly traces: ReadonlyMap<string, SentTrace>;
  readonly spansSent: number;
}

/** What came out. */
export interface Came {
  readonly spans: ReadonlyMap<string, ReadonlyMap<string, number>>;
  counted(): number;
}

export interface Verdict {
  readonly traces: number;
  readonly kept: number;
  readonly spans: number;
  /** Requests in the metrics that are made before sampling. */
  readonly counted: number;
  /** Errors of which nothing came. */
  readonly lost: Readonly<Record<"early" | "late" | "rootless", number>>;
  /** Traces that came without some of the spans that were sent in time. */
  readonly split: number;
  /** Traces of which a span came more than once. */
  readonly twice: number;
  /** Late errors that came without the trace that had been dropped before. */
  readonly lateAlone: number;
  readonly kills: number;
}

/** Holds what came against what was sent. */
export function judge(sent: Sent, came: Came, kills: number): Verdict {
  const lost = { early: 0, late: 0, rootless: 0 };
  let [kept, split, twice, lateAlone] = [0, 0, 0, 0];
  for (const [id, trace] of sent.traces) {
    const spans = came.spans.get(id) ?? new Map<string, number>();
    const inTime = trace.spans.filter((span) => spans.has(span)).length;
    const lateCame = trace.lateSpan !== undefined && spans.has(trace.lateSpan);
    if ((trace.kind === "early" || trace.kind === "rootless") && inTime === 0)
      lost[trace.kind] += 1;
    if (trace.kind === "late" && !lateCame) lost.late += 1;
    if (spans.size > 0) kept += 1;
    if (inTime > 0 && inTime < trace.spans.length) split += 1;
    if ([...spans.values()].some((copies) => copies > 1)) twice += 1;
    if (lateCame && inTime === 0) lateAlone += 1;
  }
  const { spansSent: spans } = sent;
  const traces = sent.traces.size;
  return { traces, kept, spans, counted: came.counted(), lost, split, twice, lateAlone, kills };
}
