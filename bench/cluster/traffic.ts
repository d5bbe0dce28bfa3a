import { newRunId, type Writer } from "../generator/ids.ts";
import { Load, type RunningStream, type Stream } from "../generator/load.ts";
import { logRequests } from "../generator/logs.ts";
import { metricRequests } from "../generator/metrics.ts";
import { spanRequests, type SpansArgs } from "../generator/spans.ts";
import { grpcTransport, type Target } from "../generator/transport.ts";

/** What applications of the cluster send together. */
export interface TrafficArgs {
  readonly target: Target;
  readonly logsPerSecond: number;
  readonly spansPerSecond: number;
  readonly pointsPerSecond: number;
  /** Whether every trace is one that sampling keeps. */
  readonly keptTraces: boolean;
}

export interface WrittenLogs {
  readonly writer: Writer;
  readonly service: string;
  readonly stream: RunningStream;
}

export interface WrittenSpans {
  readonly args: SpansArgs;
  readonly stream: RunningStream;
}

/** A running load, with what is needed to look for its records. */
export interface Traffic extends Disposable {
  readonly load: Load;
  readonly run: string;
  readonly logs: readonly WrittenLogs[];
  readonly spans: WrittenSpans;
  /** A few traces that are always kept, to measure by. */
  readonly probes: WrittenSpans;
  readonly points: {
    readonly service: string;
    readonly series: number;
    readonly stream: RunningStream;
  };
}

/** Several, so that no one stream of Loki's takes all. */
const logWriters = 4;
const [tracesPerRequest, spansPerTrace] = [20, 5];
/** What an SDK puts into one request at most; at low rates it sends what came in a fifth of a second. */
const [mostLogsPerRequest, requestsPerSecond] = [500, 5];
const probesPerSecond = 2;

/** Begins to send, each writer over a connection of its own. */
export function startTraffic(args: TrafficArgs): Traffic {
  const run = newRunId();
  const startMs = Date.now();
  const transport = () => grpcTransport(args.target);
  const service = (index: number) => `bench-${run}-${index}`;
  const writer = (index: number): Writer => ({ run, index });
  const logsPerRequest = Math.min(
    mostLogsPerRequest,
    Math.max(1, Math.round(args.logsPerSecond / logWriters / requestsPerSecond)),
  );
  const logs = Array.from({ length: logWriters }, (_, index) => ({
    writer: writer(index),
    service: service(index),
  }));
  const spans: SpansArgs = {
    writer: writer(logWriters),
    service: service(logWriters),
    traces: tracesPerRequest,
    spansPerTrace,
    failed: args.keptTraces,
  };
  const probes: SpansArgs = {
    writer: writer(logWriters + 1),
    service: service(logWriters + 1),
    traces: 1,
    spansPerTrace,
    failed: true,
  };
  const points = {
    writer: writer(logWriters + 2),
    service: service(logWriters + 2),
    // Each series gets a point a second; Prometheus drops what comes twice within a millisecond.
    series: Math.max(1, args.pointsPerSecond),
    startMs,
  };
  const streams: Stream[] = [
    ...logs.map((one) => ({
      requests: logRequests({ ...one, records: logsPerRequest }),
      transport: transport(),
      recordsPerSecond: args.logsPerSecond / logWriters,
    })),
    {
      requests: spanRequests(spans),
      transport: transport(),
      recordsPerSecond: args.spansPerSecond,
    },
    {
      requests: spanRequests(probes),
      transport: transport(),
      recordsPerSecond: probesPerSecond * spansPerTrace,
    },
    {
      requests: metricRequests(points),
      transport: transport(),
      recordsPerSecond: args.pointsPerSecond,
    },
  ];
  const load = new Load(streams);
  const at = (index: number): RunningStream => {
    const stream = load.streams[index];
    if (stream === undefined) throw new Error(`there is no stream ${index}`);
    return stream;
  };
  return {
    load,
    run,
    logs: logs.map((one, index) => ({ ...one, stream: at(index) })),
    spans: { args: spans, stream: at(logWriters) },
    probes: { args: probes, stream: at(logWriters + 1) },
    points: { service: points.service, series: points.series, stream: at(logWriters + 2) },
    [Symbol.dispose]: () => {
      load[Symbol.dispose]();
    },
  };
}

/** The request that was taken last, if any was. */
export function newest({ ledger }: RunningStream): { request: number; atMs: number } | undefined {
  const last = [...ledger.requests()].at(-1);
  return last === undefined ? undefined : { request: last[0], atMs: last[1] };
}
