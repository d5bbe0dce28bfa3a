import { setTimeout as sleep } from "node:timers/promises";
import { metricNames } from "../../config/metric-names.ts";
import { Load } from "../generator/load.ts";
import { logRequests, type LogKind } from "../generator/logs.ts";
import type { Writer } from "../generator/ids.ts";
import type { LoopbackCollector } from "../loopback/collector.ts";
import { scrape, total } from "../scrape.ts";

export type Candidate = LoopbackCollector;

export interface DriveArgs {
  readonly writer: Writer;
  readonly kind: LogKind;
  readonly recordsPerRequest: number;
  readonly recordsPerSecond: number;
  readonly forMs: number;
  readonly inFlight?: number;
  /** Leave what is not taken in time, instead of waiting for it. */
  readonly giveUp?: boolean;
}

/** What some records cost. */
export interface Cost {
  readonly records: number;
  readonly cpuMicroseconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly refused: number;
}

const drainMs = 60_000;

async function sentLogs({ metricsUrl }: Candidate): Promise<number> {
  return total(await scrape(metricsUrl), metricNames.collector.sentLogs);
}

/** Sends at a rate, waits until all of it has left the collector, and says what it took. */
export async function drive(candidate: Candidate, args: DriveArgs): Promise<Cost> {
  const {
    writer,
    kind,
    recordsPerRequest: records,
    recordsPerSecond,
    forMs,
    giveUp = false,
  } = args;
  const { program } = candidate;
  const requests = logRequests({ writer, service: "bench-cost", records, kind });
  const sentBefore = await sentLogs(candidate);
  program.forgetPeak();
  const cpuBefore = program.cpuSeconds();
  using load = new Load([
    {
      requests,
      transport: candidate.grpc(),
      recordsPerSecond,
      inFlight: args.inFlight ?? 4,
    },
  ]);
  await sleep(forMs);
  await load.finish(giveUp ? 0 : drainMs);
  const acked = load.ackedRecords();
  const deadline = Date.now() + drainMs;
  while ((await sentLogs(candidate)) - sentBefore < acked) {
    if (!program.running) throw new Error(`${candidate.name} died:\n${program.log.slice(-2_000)}`);
    if (Date.now() > deadline) {
      throw new Error(`${candidate.name} still holds records a minute after it took them`);
    }
    await sleep(200);
  }
  const cpuSeconds = program.cpuSeconds() - cpuBefore;
  return {
    records: acked,
    cpuSeconds,
    cpuMicroseconds: (cpuSeconds / acked) * 1e6,
    peakMiB: program.peakMemoryMiB(),
    refused: load.counts().refused,
  };
}

export interface SaturateArgs {
  readonly run: string;
  readonly kind: LogKind;
  readonly recordsPerRequest: number;
  readonly forMs: number;
}

/** Enough that one is always on its way while others are answered. */
const senders = 16;

/** Some senders that each send again as soon as they are answered: as many records as it can take. */
export async function saturate(
  candidate: Candidate,
  { run, kind, recordsPerRequest, forMs }: SaturateArgs,
  firstWriter: number,
): Promise<{ perSecond: number; perCore: number }> {
  const transports = Array.from({ length: senders }, () => candidate.grpc());
  const cpuBefore = candidate.program.cpuSeconds();
  const sentBefore = await sentLogs(candidate);
  const endAt = Date.now() + forMs;
  let taken = 0;
  await Promise.all(
    transports.map(async (transport, index) => {
      const writer = { run, index: firstWriter + index };
      const requests = logRequests({
        writer,
        service: "bench-cost",
        records: recordsPerRequest,
        kind,
      });
      for (let request = 0; Date.now() < endAt; request += 1) {
        const answer = await transport.send("logs", requests.encode(request, Date.now()));
        if (answer.kind === "taken") taken += recordsPerRequest;
        else await sleep(20);
      }
      transport.close();
    }),
  );
  // What still waits on its disk belongs to the work that was taken.
  while ((await sentLogs(candidate)) - sentBefore < taken) {
    if (Date.now() > endAt + drainMs) throw new Error(`${candidate.name} does not catch up`);
    await sleep(100);
  }
  const cpuSeconds = candidate.program.cpuSeconds() - cpuBefore;
  return { perSecond: (taken / forMs) * 1_000, perCore: taken / cpuSeconds };
}
