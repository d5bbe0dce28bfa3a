import { findAddresses } from "../cluster/addresses.ts";
import {
  deletePod,
  killContainer,
  podsOf,
  queuedRecords,
  scale,
  untilReady,
} from "../cluster/pods.ts";
import { deployProd, type ProdStack } from "../cluster/prod-stack.ts";
import { queuesFor } from "../cluster/queues.ts";
import { startTraffic, type Traffic } from "../cluster/traffic.ts";
import { countedRequests, storedPoints, verifyLogs, verifyTraces } from "../cluster/verify.ts";
import { pause } from "../clock.ts";
import { defineRun, type Log } from "../run.ts";
import { atLeast, atMost, count, exactly, percent, seconds, told, type Row } from "../table.ts";

const flags = {
  logs: { kind: "number", default: 10_000, help: "logs/s" },
  spans: { kind: "number", default: 1_000, help: "spans/s, all of traces that sampling keeps" },
  points: { kind: "number", default: 1_000, help: "metric points/s, one a second in each series" },
  records: { kind: "number", default: 1_000_000, help: "logs at least" },
  outage: { kind: "duration", default: "10m", help: "how long Loki is away" },
  before: { kind: "duration", default: "30s", help: "load before the outage, and after it" },
  "trace-checks": {
    kind: "number",
    default: 10_000,
    help: "traces looked up, evenly over the run",
  },
  keep: { kind: "switch", help: "leave stack and cluster for the next run" },
} as const;

const gateways = 3;
const minute = 60_000;

const lokiExporter = "otlp_http/loki";

/** Logs that are on the way to Loki, and whatever else the agents hold. */
async function waitingForLoki(stack: ProdStack): Promise<number> {
  return (
    (await queuedRecords(stack, "gateway", lokiExporter)) + (await queuedRecords(stack, "agent"))
  );
}

async function waitingAnywhere(stack: ProdStack): Promise<number> {
  return (await queuedRecords(stack, "gateway")) + (await queuedRecords(stack, "agent"));
}

async function progress(traffic: Traffic, stack: ProdStack, log: Log): Promise<void> {
  const { refused, failed } = traffic.load.counts();
  log(
    `${count(traffic.load.ackedRecords())} records taken, ${count(traffic.load.waitingRecords())} wait at the senders, ` +
      `${count(await waitingForLoki(stack))} for Loki; refused ${refused}, without answer ${failed}`,
  );
}

/** Waits with a line of progress each half a minute. */
async function wait(ms: number, traffic: Traffic, stack: ProdStack, log: Log, signal: AbortSignal) {
  const endAt = Date.now() + ms;
  while (Date.now() < endAt) {
    await pause(Math.min(minute / 2, endAt - Date.now()), signal);
    await progress(traffic, stack, log);
  }
}

/** Loki goes away, and what should not happen meanwhile does. */
async function outage(
  ms: number,
  traffic: Traffic,
  stack: ProdStack,
  log: Log,
  signal: AbortSignal,
) {
  await scale(stack, "loki", 0, log);
  await wait(ms / 4, traffic, stack, log, signal);
  const [, second, third] = await podsOf(stack, "gateway");
  if (second === undefined || third === undefined) throw new Error("there are not three gateways");
  await killContainer(stack, second, log);
  await wait(ms / 4, traffic, stack, log, signal);
  await deletePod(stack, third, log);
  await wait(ms / 4, traffic, stack, log, signal);
  const [agent] = await podsOf(stack, "agent");
  if (agent === undefined) throw new Error("there is no agent");
  await deletePod(stack, agent, log);
  await wait(ms / 4, traffic, stack, log, signal);
  await scale(stack, "loki", 1, log);
  await untilReady(stack, "loki", 1, signal);
}

/** How long it takes until what waits for Loki is no more than what comes in two seconds. */
async function catchUp(
  perSecond: number,
  traffic: Traffic,
  stack: ProdStack,
  log: Log,
  signal: AbortSignal,
) {
  const startedAt = Date.now();
  while ((await waitingForLoki(stack)) > perSecond * 2) {
    if (Date.now() - startedAt > 30 * minute) break;
    await pause(5_000, signal);
    await progress(traffic, stack, log);
  }
  return Date.now() - startedAt;
}

export const noLoss = defineRun({
  name: "no-loss",
  what: "logs, spans and metrics by id over an outage of Loki, a gateway killed, another rolled, an agent restarted",
  takes: "25 min",
  needs: "cluster",
  flags,
  run: async ({ flags: given, log, signal }) => {
    const queue = queuesFor(given.logs, given.outage, gateways);
    const replicas = { min: gateways, max: gateways };
    await using stack = await deployProd({
      log,
      keep: given.keep,
      changes: { collector: { gateway: { queue, replicas } } },
    });
    const addresses = await findAddresses(stack);
    using traffic = startTraffic({
      target: addresses.applications,
      logsPerSecond: given.logs,
      spansPerSecond: given.spans,
      pointsPerSecond: given.points,
      keptTraces: true,
    });
    await wait(given.before, traffic, stack, log, signal);
    await outage(given.outage, traffic, stack, log, signal);
    const caughtUpMs = await catchUp(given.logs, traffic, stack, log, signal);
    const least = (given.records / given.logs) * 1_000;
    const rest = Math.max(given.before, traffic.load.startedAtMs + least - Date.now());
    await wait(rest, traffic, stack, log, signal);
    await traffic.load.finish(5 * minute);
    const open = traffic.load.waitingRecords();
    for (let quiet = 0; quiet < 3;) {
      await pause(2_000, signal);
      quiet = (await waitingAnywhere(stack)) === 0 ? quiet + 1 : 0;
    }
    // The last decisions of the samplers, and two flushes of their counters.
    await pause(45_000, signal);
    log("looking every log up");
    // Loki is another pod by now, and Services do not change.
    const logs = await verifyLogs(traffic, addresses.loki, log);
    log("looking traces up");
    const traces = await verifyTraces(traffic.spans, addresses.tempo, given["trace-checks"]);
    const { points, load } = traffic;
    const sentPoints = points.stream.ledger.records;
    const foundPoints = await storedPoints(traffic, addresses.prometheus);
    const sentSpans = traffic.spans.stream.ledger.records;
    const counted = await countedRequests(traffic.spans, addresses.prometheus);
    const { refused, failed, rejectedRecords } = load.counts();
    const rows: Row[] = [
      atLeast("logs taken", logs.acked, given.records, count),
      exactly("logs missing", logs.missing, 0),
      atMost("logs found twice", logs.duplicates / logs.acked, 0.001, percent),
      told("logs found though their sender was not answered", count(logs.unacked)),
      told("spans looked up, of those taken", `${count(traces.acked)} of ${count(sentSpans)}`),
      exactly("spans missing", traces.missing, 0),
      told("traces found in part", count(traces.broken)),
      atMost("spans found twice", traces.duplicates / traces.acked, 0.001, percent),
      exactly("metric points missing", Math.max(0, sentPoints - foundPoints), 0),
      told("metric points taken, stored", `${count(sentPoints)}, ${count(foundPoints)}`),
      told(
        "requests counted before sampling, of spans taken",
        `${count(counted)}, ${count(sentSpans)}`,
      ),
      told("requests refused and sent again", count(refused)),
      told("requests without an answer and sent again", count(failed)),
      told("longest wait at a sender, which its buffer must hold", seconds(load.longestWaitMs)),
      exactly("records rejected for good", rejectedRecords, 0),
      exactly("records that no one took within 5 min of the end", open, 0),
      told("until caught up, from Loki's return", seconds(caughtUpMs)),
    ];
    return {
      shape: [
        `production stack with the shrinking overlay on the embedded cluster: ${gateways} gateways, ${stack.settings.collector.sampler.replicas} samplers, disk queues of ${count(queue.maxRecords)} records; the senders run beside it`,
        `${count(given.logs)} logs/s of 130 bytes, ${count(given.spans)} spans/s, ${count(given.points)} points/s to the agent over gRPC; Loki away for ${seconds(given.outage)}`,
        "Loki drops exact copies of a line by itself, so copies on the way to it do not show as found twice",
      ],
      rows,
    };
  },
});
