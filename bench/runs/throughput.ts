import { lagObjectiveMs } from "../../config/objectives.ts";
import { findAddresses } from "../cluster/addresses.ts";
import { queuedRecords } from "../cluster/pods.ts";
import { measureLags, noLags, type Lags } from "../cluster/probe.ts";
import { deployProd, type ProdStack } from "../cluster/prod-stack.ts";
import { startTraffic } from "../cluster/traffic.ts";
import type { Backends } from "../cluster/verify.ts";
import { pause } from "../clock.ts";
import type { Target } from "../generator/transport.ts";
import { percentile } from "../numbers.ts";
import { defineRun, type Log } from "../run.ts";
import { atLeast, atMost, count, exactly, seconds, told, type Row } from "../table.ts";

const flags = {
  rates: {
    kind: "numbers",
    default: [5_000, 10_000, 15_000, 20_000, 25_000, 30_000],
    help: "logs/s to try, one after the other; a tenth as many spans/s beside them",
  },
  step: { kind: "duration", default: "60s", help: "how long each is tried" },
  hold: {
    kind: "duration",
    default: "10m",
    help: "how long the highest that held is held; 0s leaves it out",
  },
  keep: { kind: "switch", help: "leave stack and cluster for the next run" },
} as const;

/** DESIGN's numbers. */
const goal = {
  logsPerSecond: 20_000,
  spansPerSecond: 2_000,
  logSearchMs: 500,
  traceLookUpMs: 1_000,
};
const spansOfLogs = 0.1;
/** What may wait at the senders and in the queues, in seconds of the load, for a rate to be held. */
const mostWaitingSeconds = 5;

interface Step {
  readonly logsPerSecond: number;
  readonly takenPerSecond: number;
  readonly waiting: number;
  readonly refused: number;
  readonly rejected: number;
  readonly lags: Lags;
}

interface Where {
  readonly stack: ProdStack;
  readonly target: Target;
  readonly backends: Backends;
}

async function load(
  where: Where,
  logsPerSecond: number,
  forMs: number,
  log: Log,
  signal: AbortSignal,
): Promise<Step> {
  const { stack, target, backends } = where;
  const stop = new AbortController();
  const lags = noLags();
  using traffic = startTraffic({
    target,
    logsPerSecond,
    spansPerSecond: logsPerSecond * spansOfLogs,
    pointsPerSecond: 100,
    keptTraces: false,
  });
  const measuring = measureLags(traffic, backends, stop.signal, lags);
  const endAt = Date.now() + forMs;
  try {
    while (Date.now() < endAt) {
      await pause(Math.min(15_000, Math.max(0, endAt - Date.now())), signal);
      log(
        `${count(logsPerSecond)} logs/s: ${count(traffic.load.ackedRecords())} records taken, ` +
          `${count(traffic.load.waitingRecords())} wait at the senders`,
      );
    }
  } finally {
    stop.abort();
  }
  const taken = traffic.logs.reduce((all, { stream }) => all + stream.ledger.records, 0);
  const elapsed = (Date.now() - traffic.load.startedAtMs) / 1_000;
  const waiting =
    traffic.load.waitingRecords() +
    (await queuedRecords(stack, "agent")) +
    (await queuedRecords(stack, "gateway"));
  await traffic.load.finish(60_000);
  await measuring;
  const { refused, rejectedRecords: rejected } = traffic.load.counts();
  return { logsPerSecond, takenPerSecond: taken / elapsed, waiting, refused, rejected, lags };
}

/** A rate is held when what comes goes through, and is found in time. */
function holds({ logsPerSecond, takenPerSecond, waiting, rejected, lags }: Step): boolean {
  return (
    takenPerSecond >= logsPerSecond * 0.97 &&
    waiting <= logsPerSecond * mostWaitingSeconds &&
    rejected === 0 &&
    lags.notFound === 0 &&
    percentile(lags.logs, 0.95) <= lagObjectiveMs.logs
  );
}

/** Waits until nothing of the step before is on its way any more. */
async function settle({ stack }: Where, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (Date.now() < deadline) {
    const left = (await queuedRecords(stack, "agent")) + (await queuedRecords(stack, "gateway"));
    if (left < 1_000) return;
    await pause(2_000, signal);
  }
}

function describe(step: Step): string {
  const p95 = (values: readonly number[]) => seconds(percentile(values, 0.95));
  return (
    `${count(step.takenPerSecond)} taken/s, ${count(step.waiting)} waiting, refused ${step.refused}, ` +
    `p95 found: logs ${p95(step.lags.logs)}, traces ${p95(step.lags.traces)}`
  );
}

function lagRows({ logs, traces, logSearches, traceLookUps, notFound }: Lags): Row[] {
  const p = percentile;
  return [
    told("log sent to found, p50", seconds(p(logs, 0.5))),
    atMost("log sent to found, p95", p(logs, 0.95), lagObjectiveMs.logs, seconds),
    told("trace sent to found, p50", seconds(p(traces, 0.5))),
    atMost("trace sent to found, p95", p(traces, 0.95), lagObjectiveMs.traces, seconds),
    atMost("log search, p95", p(logSearches, 0.95), goal.logSearchMs, seconds),
    atMost("trace look-up, p95", p(traceLookUps, 0.95), goal.traceLookUpMs, seconds),
    exactly("looked for in vain", notFound, 0),
    told("lags measured", `${logs.length} logs, ${traces.length} traces`),
  ];
}

export const throughput = defineRun({
  name: "throughput",
  what: "the highest rate of logs and spans that the whole way holds, and how soon records are found at it",
  takes: "22 min",
  needs: "cluster",
  flags,
  run: async ({ flags: given, log, signal }) => {
    await using stack = await deployProd({ log, keep: given.keep });
    const backends = await findAddresses(stack);
    const where: Where = { stack, backends, target: backends.applications };
    const rows: Row[] = [];
    let highest: Step | undefined;
    let last: Step | undefined;
    for (const rate of given.rates) {
      const step = await load(where, rate, given.step, log, signal);
      last = step;
      const held = holds(step);
      log(`${count(rate)} logs/s ${held ? "held" : "did not hold"}: ${describe(step)}`);
      rows.push(
        told(
          `${count(rate)} logs/s for ${seconds(given.step)}`,
          `${held ? "held" : "not held"}: ${describe(step)}`,
        ),
      );
      if (!held) break;
      highest = step;
      await settle(where, signal);
    }
    if (highest !== undefined && given.hold > 0) {
      await settle(where, signal);
      const { logsPerSecond } = highest;
      const step = await load(where, logsPerSecond, given.hold, log, signal);
      log(`${count(logsPerSecond)} logs/s held on: ${describe(step)}`);
      const held = holds(step);
      const name = `held for ${seconds(given.hold)}`;
      rows.push(
        atLeast(`logs/s ${name}`, held ? step.takenPerSecond : 0, goal.logsPerSecond * 0.97, count),
        atLeast(
          `spans/s beside them`,
          held ? logsPerSecond * spansOfLogs : 0,
          goal.spansPerSecond,
          count,
        ),
        told(`${name}: what was seen`, describe(step)),
        ...lagRows(step.lags),
      );
    } else {
      const { logsPerSecond = 0 } = highest ?? {};
      rows.push(atLeast("highest logs/s that held", logsPerSecond, goal.logsPerSecond, count));
      rows.push(...lagRows((highest ?? last)?.lags ?? noLags()));
    }
    return {
      shape: [
        `production stack with the shrinking overlay on the embedded cluster: ${stack.settings.collector.gateway.replicas.min} gateways, ${stack.settings.collector.sampler.replicas} samplers, disk queues, one Loki, one Tempo, two Prometheus; senders and look-ups share the machine`,
        "logs of 130 bytes in requests of 500, traces of 5 spans, over gRPC to the agent; traces that are looked for have an error, so that sampling keeps them",
        `a rate is held when 97 % of it is taken, less than ${mostWaitingSeconds} s of it waits at its end, nothing is rejected and p95 of logs is found in ${seconds(lagObjectiveMs.logs)}`,
      ],
      rows,
    };
  },
});
