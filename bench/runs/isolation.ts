import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { endpoints } from "../../config/endpoints.ts";
import { metricNames } from "../../config/metric-names.ts";
import { lagObjectiveMs } from "../../config/objectives.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { pause } from "../clock.ts";
import { findId, newRunId, type Writer } from "../generator/ids.ts";
import { Load } from "../generator/load.ts";
import { logRequests } from "../generator/logs.ts";
import { decodeLogs } from "../generator/protocol.ts";
import { Tally } from "../ledger.ts";
import { freePorts, onLoopback, startCollector } from "../loopback/collector.ts";
import { Gate } from "../loopback/gate.ts";
import { Sink, type Behaviour } from "../loopback/sink.ts";
import { Workbench } from "../loopback/workbench.ts";
import { percentile } from "../numbers.ts";
import { scrape, total } from "../scrape.ts";
import { prodSettings } from "../prod-settings.ts";
import { defineRun, type Log } from "../run.ts";
import { atMost, count, exactly, seconds, told, type Row } from "../table.ts";

const flags = {
  rate: { kind: "number", default: 2_000, help: "logs/s" },
  seconds: { kind: "duration", default: "20s", help: "how long each bad day lasts" },
  recovery: {
    kind: "duration",
    default: "45s",
    help: "how long a target that came back is waited for",
  },
} as const;

/** One way in which a target can be a bad neighbour. */
interface BadDay {
  readonly name: string;
  /** Nothing: it cannot be reached. */
  readonly behaviour?: Behaviour;
  /** Room in the target's queue: with little of it, it is full at once. */
  readonly queueMiB?: number;
  /** Whether what it missed is still to come once it is well. */
  readonly catchesUp: boolean;
}

const badDays: readonly BadDay[] = [
  { name: "down", catchesUp: true },
  { name: "slow (5 s a request)", behaviour: { kind: "slow", ms: 5_000 }, catchesUp: true },
  { name: "silent, its queue full", behaviour: { kind: "silent" }, queueMiB: 1, catchesUp: false },
  { name: "429", behaviour: { kind: "answers", status: 429 }, catchesUp: true },
  { name: "413", behaviour: { kind: "answers", status: 413 }, catchesUp: false },
  { name: "400", behaviour: { kind: "answers", status: 400 }, catchesUp: false },
];

const batch = 100;
const finishMs = 30_000;

/** The records of one writer as they come to a place, with their lag. */
class Arrivals {
  readonly tally = new Tally();
  readonly lagsMs: number[] = [];
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  take(body: Buffer): void {
    const nowMs = Date.now();
    const records = decodeLogs(body)
      .resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)
      .flatMap(({ logRecords }) => logRecords);
    for (const { body: text, timeUnixNano } of records) {
      const id = findId(text.stringValue ?? "");
      if (id?.writer.run !== this.#writer.run || id.writer.index !== this.#writer.index) continue;
      this.tally.found(id.counter);
      this.lagsMs.push(nowMs - Number(BigInt(timeUnixNano) / 1_000_000n));
    }
  }
}

interface Args {
  readonly recordsPerSecond: number;
  readonly forMs: number;
  readonly recoveryMs: number;
}

async function live(day: BadDay, args: Args, log: Log, signal: AbortSignal): Promise<Row[]> {
  const { otelcol: binary } = await ensureTools(["otelcol"], { log });
  await using workbench = new Workbench("isolation");
  const writer = { run: newRunId(), index: 0 };
  const primary = new Arrivals(writer);
  const neighbour = new Arrivals(writer);
  const later = { ...writer, index: 1 };
  const returned = new Arrivals(later);
  const loki = workbench.use(
    await Sink.start((kind, body) => {
      if (kind === "logs") primary.take(body);
    }),
  );
  const target = workbench.use(
    await Sink.start((kind, body) => {
      if (kind !== "logs") return;
      neighbour.take(body);
      returned.take(body);
    }),
  );
  const gate = workbench.use(await Gate.to(Number(new URL(target.url).port)));
  if (day.behaviour !== undefined) {
    gate.open();
    target.behaviour = day.behaviour;
  }
  const otlp = {
    endpoint: `http://127.0.0.1:${gate.port}`,
    protocol: "http",
    signals: ["logs"],
    batch: { maxRecords: batch, timeoutMs: 200 },
    ...(day.queueMiB === undefined ? {} : { queue: { maxMiB: day.queueMiB } }),
  };
  const settings = prodSettings({ collector: { fanOut: { otlp: { neighbour: otlp } } } });
  const found = { ...endpoints(settings), lokiOtlp: loki.url, tempoOtlp: loki.url };
  const ports = await freePorts();
  const directory = join(workbench.directory, "gateway");
  const document = onLoopback(gatewayConfig(settings, found), ports, directory);
  const gateway = await startCollector({ binary, name: "gateway", document, ports, directory });
  workbench.use(gateway.program);
  using load = new Load([
    {
      requests: logRequests({ writer, service: "bench-isolation", records: batch }),
      transport: gateway.grpc(),
      recordsPerSecond: args.recordsPerSecond,
    },
  ]);
  await pause(args.forMs, signal);
  await load.finish(finishMs);
  const ledger = load.streams[0]?.ledger;
  if (ledger === undefined) throw new Error("nothing was sent");
  await pause(5_000, signal);
  const during = primary.tally.compare(ledger);
  const { refused, failed } = load.counts();
  log(
    `${day.name}: ${count(during.found)} of ${count(during.acked)} records came to the primary target`,
  );

  gate.open();
  target.behaviour = { kind: "takes" };
  const afterwards = logRequests({ writer: later, service: "bench-isolation", records: batch });
  const transport = gateway.grpc();
  const wellAt = Date.now();
  const deadline = wellAt + args.recoveryMs;
  let backAfterMs = Number.POSITIVE_INFINITY;
  const complete = () =>
    Number.isFinite(backAfterMs) &&
    (!day.catchesUp || neighbour.tally.compare(ledger).missing === 0);
  for (let request = 0; Date.now() < deadline && !complete(); request += 1) {
    // A queue that is still full drops what comes; so something comes each second.
    await transport.send("logs", afterwards.encode(request, Date.now()));
    await pause(1_000, signal);
    if (returned.lagsMs.length > 0) backAfterMs = Math.min(backAfterMs, Date.now() - wellAt);
  }
  transport.close();
  const counters = await scrape(gateway.metricsUrl);
  const { enqueueFailedLogs, sendFailedLogs } = metricNames.collector;
  const counted = total(counters, enqueueFailedLogs) + total(counters, sendFailedLogs);
  const after = neighbour.tally.compare(ledger);
  const of = `target ${day.name}`;
  return [
    exactly(`${of}: primary misses, of ${count(during.acked)}`, during.missing, 0),
    exactly(`${of}: primary has twice`, during.duplicates, 0),
    exactly(`${of}: sender was refused or left without an answer`, refused + failed, 0),
    atMost(
      `${of}: lag to the primary, p95`,
      percentile(primary.lagsMs, 0.95),
      lagObjectiveMs.logs,
      seconds,
    ),
    atMost(`${of}: gets what comes again after`, backAfterMs, args.recoveryMs, seconds),
    ...(day.catchesUp
      ? [exactly(`${of}: it misses what came before`, after.missing, 0)]
      : [
          told(`${of}: it misses what came before`, count(after.missing)),
          exactly(`${of}: of that, counted`, Math.min(counted, after.missing), after.missing),
        ]),
  ];
}

export const isolation = defineRun({
  name: "isolation",
  what: "one fan-out target down, slow, full, answering 429, 413, 400: the others get everything, once, in time",
  takes: "5 min",
  needs: "loopback",
  flags,
  run: async ({ flags: given, log, signal }) => {
    const rows: Row[] = [];
    const args = { recordsPerSecond: given.rate, forMs: given.seconds, recoveryMs: given.recovery };
    for (const day of badDays) rows.push(...(await live(day, args, log, signal)));
    return {
      shape: [
        "one gateway with production's configuration and disk queues on loopback, one fan-out target of the kind otlp; sinks in the place of Loki and the target",
        `${count(given.rate)} logs/s for ${given.seconds / 1_000} s on each bad day, requests of ${batch}`,
      ],
      rows,
    };
  },
});
