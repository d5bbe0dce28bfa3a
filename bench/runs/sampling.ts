import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { samplerConfig } from "../../collector-config/sampler.ts";
import { endpoints } from "../../config/endpoints.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { pause, realClock } from "../clock.ts";
import { newRunId } from "../generator/ids.ts";
import { Sender } from "../generator/sender.ts";
import {
  freePorts,
  onLoopback,
  startCollector,
  type LoopbackCollector,
} from "../loopback/collector.ts";
import { Sink } from "../loopback/sink.ts";
import { Workbench } from "../loopback/workbench.ts";
import { prodSettings } from "../prod-settings.ts";
import { defineRun, type Log } from "../run.ts";
import { atMost, count, exactly, percent, told, type Row } from "../table.ts";
import { judge, type Verdict } from "./sampling-judge.ts";
import { Heard } from "./sampling-heard.ts";
import { Services, serviceCount } from "./sampling-traffic.ts";

const flags = {
  traces: { kind: "number", default: 100, help: `traces/s, of ${serviceCount} services each` },
  percentages: { kind: "numbers", default: [0, 10, 100], help: "sampling rates to try" },
  seconds: { kind: "duration", default: "30s", help: "how long each rate is driven" },
  chaos: {
    kind: "duration",
    default: "90s",
    help: "how long samplers are killed; 0s leaves it out",
  },
  "kill-every": {
    kind: "duration",
    default: "15s",
    help: "a sampler is killed with -9 and started again",
  },
  settle: { kind: "duration", default: "50s", help: "wait for the last decisions and counts" },
} as const;

const replicas = 3;

interface Phase {
  readonly percentage: number;
  readonly tracesPerSecond: number;
  readonly forMs: number;
  readonly settleMs: number;
  readonly killEveryMs?: number;
}

interface Tier {
  readonly gateways: readonly LoopbackCollector[];
  readonly samplers: readonly LoopbackCollector[];
}

/** Gateways and samplers as production's generator makes them, each trace id dealt to its sampler. */
async function startTier(workbench: Workbench, sink: string, percentage: number): Promise<Tier> {
  const { otelcol: binary } = await ensureTools(["otelcol"], { log: console.log });
  const keep = { budgetSpansPerSecond: 0, percentage };
  const settings = prodSettings({ collector: { sampler: { keep } } });
  const ports = await Promise.all(Array.from({ length: replicas }, freePorts));
  const found = {
    ...endpoints(settings),
    lokiOtlp: sink,
    tempoOtlp: `${sink}/tempo`,
    prometheusOtlp: [`${sink}/prometheus`],
    samplers: ports.map(({ grpc }) => `127.0.0.1:${grpc}`),
  };
  const start = async (name: string, own: (typeof ports)[number], config: typeof gatewayConfig) => {
    const directory = join(workbench.directory, name);
    const document = onLoopback(config(settings, found), own, directory);
    const collector = await startCollector({ binary, name, document, ports: own, directory });
    workbench.use(collector.program);
    return collector;
  };
  const samplers = await Promise.all(
    ports.map((own, index) => start(`sampler-${index}`, own, samplerConfig)),
  );
  const gateways = await Promise.all(
    Array.from({ length: replicas }, async (_, index) =>
      start(`gateway-${index}`, await freePorts(), gatewayConfig),
    ),
  );
  return { gateways, samplers };
}

async function runPhase(phase: Phase, log: Log, signal: AbortSignal): Promise<Verdict> {
  await using workbench = new Workbench("sampling");
  const heard = new Heard();
  const sink = workbench.use(await Sink.start(heard.take));
  const { gateways, samplers } = await startTier(workbench, sink.url, phase.percentage);
  const services = new Services(newRunId());
  // Each service sends to another gateway than the one before it, so that a trace comes in by all of them.
  const senders = services.requests.map((requests, index) => {
    const gateway = gateways[index % gateways.length];
    if (gateway === undefined) throw new Error("there is no gateway");
    return new Sender({ requests, transport: gateway.grpc(), clock: realClock });
  });
  const [everyMs, endAt] = [200, Date.now() + phase.forMs];
  let killAt = Date.now() + (phase.killEveryMs ?? Number.POSITIVE_INFINITY);
  let kills = 0;
  try {
    while (Date.now() < endAt || services.hasLateSpans()) {
      const traces = Date.now() < endAt ? Math.round((phase.tracesPerSecond * everyMs) / 1_000) : 0;
      services.flush(traces, Date.now()).forEach((request, index) => {
        if (request !== undefined) senders[index]?.offer(request, Date.now());
      });
      if (Date.now() >= killAt && Date.now() < endAt) {
        killAt = Date.now() + (phase.killEveryMs ?? 0);
        const sampler = samplers[kills % samplers.length];
        kills += 1;
        log(`killing ${sampler?.name ?? ""} with -9`);
        await sampler?.program.kill();
        await sampler?.program.start();
      }
      await pause(everyMs, signal);
    }
    for (let waited = 0; senders.some(({ open }) => open > 0) && waited < 60; waited += 1) {
      await pause(1_000, signal);
    }
    log(`${count(services.spansSent)} spans are sent; waiting for the last decisions and counts`);
    await pause(phase.settleMs, signal);
  } finally {
    for (const sender of senders) sender.stop();
  }
  return judge(services, heard, kills);
}

function rowsOf(name: string, verdict: Verdict): Row[] {
  const { lost } = verdict;
  const share = (part: number) => (verdict.kept === 0 ? 0 : part / verdict.kept);
  const broken = share(verdict.split + verdict.twice);
  const requests = `${name}: requests counted, of the spans sent`;
  return [
    told(`${name}: traces sent, kept`, `${count(verdict.traces)}, ${count(verdict.kept)}`),
    exactly(`${name}: traces with an early error lost`, lost.early, 0),
    exactly(`${name}: late errors lost`, lost.late, 0),
    exactly(`${name}: errors without a root lost`, lost.rootless, 0),
    told(`${name}: late errors that came without their dropped trace`, count(verdict.lateAlone)),
    atMost(`${name}: traces split or with a span twice, of those kept`, broken, 0.001, percent),
    told(`${name}: split, with a span twice`, `${count(verdict.split)}, ${count(verdict.twice)}`),
    exactly(requests, verdict.counted, verdict.spans),
  ];
}

export const sampling = defineRun({
  name: "sampling",
  what: "traces whole, errors kept and requests counted over 3 gateways and 3 samplers, some killed",
  takes: "7 min",
  needs: "loopback",
  flags,
  run: async ({ flags: given, log, signal }) => {
    const rows: Row[] = [];
    const base = { tracesPerSecond: given.traces, settleMs: given.settle };
    for (const percentage of given.percentages) {
      log(`at ${percentage} %`);
      const verdict = await runPhase({ ...base, percentage, forMs: given.seconds }, log, signal);
      rows.push(...rowsOf(`${percentage} %`, verdict));
    }
    if (given.chaos > 0) {
      log("at 10 %, samplers killed");
      const phase = {
        ...base,
        percentage: 10,
        forMs: given.chaos,
        killEveryMs: given["kill-every"],
      };
      const verdict = await runPhase(phase, log, signal);
      rows.push(...rowsOf(`${verdict.kills} kills`, verdict));
    }
    return {
      shape: [
        `${replicas} gateways and ${replicas} samplers with production's configuration on loopback, budget 0; a sink in the place of Tempo and Prometheus`,
        `${given.traces} traces/s of ${serviceCount} services, each with a connection of its own; of 100 traces 4 have an early error, 2 a late one, 2 an error but no root, 2 are slow`,
      ],
      rows,
    };
  },
});
