import { metricNames } from "../../config/metric-names.ts";
import { findAddresses } from "../cluster/addresses.ts";
import { scale, scrapePods, untilReady } from "../cluster/pods.ts";
import { deployProd, type ProdStack } from "../cluster/prod-stack.ts";
import { pause } from "../clock.ts";
import { newRunId } from "../generator/ids.ts";
import { Load, type Stream } from "../generator/load.ts";
import { logRequests } from "../generator/logs.ts";
import { grpcTransport, httpTransport } from "../generator/transport.ts";
import { defineRun, type Log } from "../run.ts";
import { total, type Scrape } from "../scrape.ts";
import { atMost, count, exactly, percent, seconds, told, type Row } from "../table.ts";
import { balancedAfter, shares, type Counts } from "./balance-shares.ts";

const flags = {
  clients: { kind: "number", default: 4, help: "steady clients of each kind" },
  rate: { kind: "number", default: 1_000, help: "logs/s of each kind of client from outside" },
  inside: {
    kind: "number",
    default: 6_000,
    help: "logs/s to the agent, which sends them in batches of a thousand: few would be dealt by chance",
  },
  steady: { kind: "duration", default: "20s", help: "load on one gateway before scaling" },
  observe: { kind: "duration", default: "2m", help: "how long it is watched after each scaling" },
  keep: { kind: "switch", help: "leave stack and cluster for the next run" },
} as const;

/** DESIGN: within ±10 % in a minute. */
const goal = { deviation: 0.1, afterMs: 60_000 };
const sampleMs = 5_000;
const windowMs = 30_000;
const outsideBatch = 5;
const insideBatch = 50;

const fromOutside = (transport: string) => (samples: Scrape) =>
  total(samples, metricNames.collector.acceptedLogs, { receiver: "otlp/public", transport });

/** Who sends, and how a gateway's counters tell them apart: what does not come from outside comes from the agents. */
const ways = {
  "agents, gRPC": (samples: Scrape) =>
    total(samples, metricNames.collector.acceptedLogs) -
    fromOutside("grpc")(samples) -
    fromOutside("http")(samples),
  "outside, gRPC": fromOutside("grpc"),
  "outside, HTTP": fromOutside("http"),
} as const;
type Way = keyof typeof ways;
const wayNames = Object.keys(ways) as Way[];

interface Sample {
  readonly atMs: number;
  readonly counts: Readonly<Record<Way, Counts>>;
}

async function sample(stack: ProdStack): Promise<Sample> {
  const scrapes = await scrapePods(stack, "gateway");
  const countsOf = (way: Way): Counts =>
    new Map([...scrapes].map(([pod, one]) => [pod, ways[way](one)]));
  const entries = wayNames.map((way) => [way, countsOf(way)] as const);
  return { atMs: Date.now(), counts: Object.fromEntries(entries) as Record<Way, Counts> };
}

async function watch(
  stack: ProdStack,
  forMs: number,
  log: Log,
  signal: AbortSignal,
): Promise<Sample[]> {
  const samples = [await sample(stack)];
  const endAt = Date.now() + forMs;
  while (Date.now() < endAt) {
    await pause(sampleMs, signal);
    const next = await sample(stack);
    const before = samples.at(-1);
    samples.push(next);
    if (before === undefined) continue;
    const told = wayNames.map((way) => {
      const parts = [...shares(before.counts[way], next.counts[way]).values()];
      return `${way} ${parts.map((part) => percent(part)).join(" / ")}`;
    });
    log(told.join("; "));
  }
  return samples;
}

function rowsOf(name: string, replicas: number, samples: readonly Sample[]): Row[] {
  const first = samples[0]?.atMs ?? 0;
  return wayNames.flatMap((way) => {
    const series = samples.map(({ atMs, counts }) => ({ atMs: atMs - first, counts: counts[way] }));
    const after = balancedAfter(series, replicas, goal.deviation, windowMs);
    const earlier = series.filter(({ atMs }) => atMs <= goal.afterMs).at(-1);
    const last = series.at(-1);
    const ended =
      earlier === undefined || last === undefined
        ? "nothing"
        : [...shares(earlier.counts, last.counts).values()].map(percent).join(" / ");
    return [
      atMost(
        `${name}, ${way}: within ±${goal.deviation * 100} % for good after`,
        after,
        goal.afterMs,
        (ms) => (Number.isFinite(ms) ? seconds(ms) : "never"),
      ),
      told(`${name}, ${way}: shares from the first minute on`, ended),
    ];
  });
}

export const balance = defineRun({
  name: "balance",
  what: "each gateway's share of steady gRPC and HTTP clients and of the agents, after 1 → 3 and 3 → 2",
  takes: "9 min",
  needs: "cluster",
  flags,
  run: async ({ flags: given, log, signal }) => {
    // A fixed number, so that no autoscaler takes back what is scaled here.
    const changes = { collector: { gateway: { replicas: { min: 3, max: 3 } } } };
    await using stack = await deployProd({ log, keep: given.keep, changes });
    const { applications, outsideGrpc, outsideHttp } = await findAddresses(stack);
    await scale(stack, "gateway", 1, log);
    await untilReady(stack, "gateway", 1, signal);
    const run = newRunId();
    const clients = Array.from({ length: given.clients }, (_, index) => index);
    const streams = (
      first: number,
      perSecond: number,
      records: number,
      transport: () => Stream["transport"],
    ): Stream[] =>
      clients.map((index) => ({
        requests: logRequests({
          writer: { run, index: first + index },
          service: `bench-${run}`,
          records,
        }),
        transport: transport(),
        recordsPerSecond: perSecond / given.clients,
      }));
    using load = new Load([
      ...streams(0, given.inside, insideBatch, () => grpcTransport(applications)),
      ...streams(100, given.rate, outsideBatch, () => grpcTransport(outsideGrpc)),
      ...streams(200, given.rate, outsideBatch, () => httpTransport(outsideHttp)),
    ]);
    await watch(stack, given.steady, log, signal);
    const rows: Row[] = [];
    for (const [name, replicas] of [
      ["1 → 3", 3],
      ["3 → 2", 2],
    ] as const) {
      await scale(stack, "gateway", replicas, log);
      await untilReady(stack, "gateway", replicas, signal);
      rows.push(...rowsOf(name, replicas, await watch(stack, given.observe, log, signal)));
    }
    await load.finish(60_000);
    const { refused, failed, rejectedRecords } = load.counts();
    rows.push(
      told("requests refused, without an answer, over all", `${count(refused)}, ${count(failed)}`),
      exactly("records rejected for good", rejectedRecords, 0),
      exactly("records that no one took", load.waitingRecords(), 0),
    );
    await scale(stack, "gateway", 3, log);
    return {
      shape: [
        "production stack with the shrinking overlay on the embedded cluster, gateways scaled by hand; times count from all replicas being ready",
        `${given.clients} gRPC and ${given.clients} HTTP clients from outside with TLS and a token, ${count(given.rate)} logs/s of each kind; ${given.clients} gRPC clients to the one agent, ${count(given.inside)} logs/s; shares over ${windowMs / 1_000} s`,
      ],
      rows,
    };
  },
});
