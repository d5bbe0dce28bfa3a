import { hasLine } from "../backends/loki.ts";
import { spansOfTrace } from "../backends/tempo.ts";
import { recordId } from "../generator/ids.ts";
import { traceIdsOf } from "../generator/spans.ts";
import { pause } from "../clock.ts";
import { newest, type Traffic } from "./traffic.ts";
import type { Backends } from "./verify.ts";

/** How long records took until they were found, and how long looking took. In milliseconds. */
export interface Lags {
  readonly logs: number[];
  readonly traces: number[];
  readonly logSearches: number[];
  readonly traceLookUps: number[];
  /** Looked for in vain. */
  notFound: number;
}

const everyMs = 1_000;
const againMs = 200;
const giveUpMs = 60_000;

/** Looks for the newest log and the newest probe trace, again and again, until the signal says stop. */
export async function measureLags(
  traffic: Traffic,
  backends: Backends,
  stop: AbortSignal,
  into: Lags,
): Promise<void> {
  const looked = async (work: () => Promise<boolean>, durations: number[]) => {
    const startedAt = Date.now();
    const found = await work().catch(() => false);
    durations.push(Date.now() - startedAt);
    return found;
  };
  const follow = async (sentAtMs: number, look: () => Promise<boolean>, lags: number[]) => {
    while (!stop.aborted) {
      if (await look()) {
        lags.push(Date.now() - sentAtMs);
        return;
      }
      if (Date.now() - sentAtMs > giveUpMs) {
        into.notFound += 1;
        return;
      }
      await pause(againMs, stop).catch(() => undefined);
    }
  };
  const followLogs = async () => {
    for (let round = 0; !stop.aborted; round += 1) {
      const written = traffic.logs[round % traffic.logs.length];
      const last = written === undefined ? undefined : newest(written.stream);
      if (written !== undefined && last !== undefined) {
        const size = written.stream.ledger.recordsPerRequest;
        const id = recordId(written.writer, last.request * size);
        const selector = `{service_name="${written.service}"}`;
        const look = () =>
          looked(() => hasLine(backends.loki, selector, id, last.atMs), into.logSearches);
        await follow(last.atMs, look, into.logs);
      }
      await pause(everyMs, stop).catch(() => undefined);
    }
  };
  const followTraces = async () => {
    const { args, stream } = traffic.probes;
    while (!stop.aborted) {
      const last = newest(stream);
      const [id] = last === undefined ? [] : traceIdsOf(args, last.request);
      if (last !== undefined && id !== undefined) {
        const look = () =>
          looked(
            async () => (await spansOfTrace(backends.tempo, id)).length === args.spansPerTrace,
            into.traceLookUps,
          );
        await follow(last.atMs, look, into.traces);
      }
      await pause(everyMs, stop).catch(() => undefined);
    }
  };
  await Promise.all([followLogs(), followTraces()]);
}

export function noLags(): Lags {
  return { logs: [], traces: [], logSearches: [], traceLookUps: [], notFound: 0 };
}
