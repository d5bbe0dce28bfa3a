import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { endpoints } from "../../config/endpoints.ts";
import type { Settings } from "../../config/settings.ts";
import { goMemoryLimitMiB } from "../../config/sizing.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { newRunId } from "../generator/ids.ts";
import type { LogKind } from "../generator/logs.ts";
import { byHand, freePorts, onLoopback, startCollector } from "../loopback/collector.ts";
import { kubeStackLogs } from "../loopback/kube-stack.ts";
import { Sink } from "../loopback/sink.ts";
import { Workbench } from "../loopback/workbench.ts";
import { median } from "../numbers.ts";
import { prodSettings } from "../prod-settings.ts";
import { defineRun } from "../run.ts";
import { atMost, count, mebibytes, microseconds, times, told, type Row } from "../table.ts";
import { drive, saturate, type Candidate, type Cost } from "./cost-drive.ts";

/** DESIGN's numbers: CPU of the gateway for a record, over that of a pipeline which does nothing. */
const mostTimes: Readonly<Record<LogKind, number>> = { plain: 2, json: 4 };
const kinds = ["plain", "json"] as const;
const candidateNames = ["bare", "gateway", "kube-stack"] as const;
type CandidateName = (typeof candidateNames)[number];

const flags = {
  rate: { kind: "number", default: 10_000, help: "logs/s while CPU is measured" },
  seconds: {
    kind: "duration",
    default: "15s",
    help: "how long each collector is driven in a round",
  },
  rounds: { kind: "number", default: 3, help: "rounds; the median counts" },
  batch: { kind: "number", default: 500, help: "records in a request" },
  saturation: {
    kind: "duration",
    default: "20s",
    help: "how long the gateway is driven at its limit",
  },
} as const;

/** Every exporter of the gateway sends to the sink; nothing but logs comes. */
function withTargetsAt(settings: Settings, sink: string) {
  const found = endpoints(settings);
  return {
    ...found,
    lokiOtlp: sink,
    tempoOtlp: sink,
    prometheusOtlp: found.prometheusOtlp.map(() => sink),
  };
}

async function startCandidates(
  workbench: Workbench,
  sink: string,
): Promise<Record<CandidateName, Candidate>> {
  const { otelcol: binary } = await ensureTools(["otelcol"], { log: console.log });
  const settings = prodSettings();
  const { memoryMiB } = settings.collector.gateway.resources;
  const exporters = { otlp_http: { endpoint: sink, compression: "none" } };
  const start = async (name: CandidateName): Promise<Candidate> => {
    const ports = await freePorts();
    const directory = join(workbench.directory, name);
    const config = gatewayConfig(settings, withTargetsAt(settings, sink));
    const documents = {
      bare: () => byHand(ports, { processors: {}, exporters, order: [] }),
      gateway: () => onLoopback(config, ports, directory),
      "kube-stack": () => byHand(ports, { ...kubeStackLogs, exporters }),
    };
    const collector = await startCollector({
      binary,
      name,
      document: documents[name](),
      ports,
      directory,
      ...(name === "gateway" ? { goMemoryLimitMiB: goMemoryLimitMiB(memoryMiB) } : {}),
    });
    workbench.use(collector.program);
    return collector;
  };
  return {
    bare: await start("bare"),
    gateway: await start("gateway"),
    "kube-stack": await start("kube-stack"),
  };
}

function costRows(
  kind: LogKind,
  measured: Readonly<Record<CandidateName, readonly Cost[]>>,
): Row[] {
  const cpu = (name: CandidateName) => median(measured[name].map((one) => one.cpuMicroseconds));
  const memory = (name: CandidateName) => Math.max(...measured[name].map((one) => one.peakMiB));
  return [
    ...candidateNames.map((name) => told(`${kind} record, ${name}: CPU`, microseconds(cpu(name)))),
    ...candidateNames.map((name) =>
      told(`${kind} record, ${name}: peak memory`, mebibytes(memory(name))),
    ),
    atMost(
      `${kind} record: gateway over bare`,
      cpu("gateway") / cpu("bare"),
      mostTimes[kind],
      times,
    ),
    told(`${kind} record: gateway over kube-stack`, times(cpu("gateway") / cpu("kube-stack"))),
  ];
}

export const cost = defineRun({
  name: "cost",
  what: "what the production gateway costs for a record, over a bare pipeline and kube-stack's defaults",
  takes: "6 min",
  needs: "loopback",
  flags,
  run: async ({ flags: given, log, signal }) => {
    await using workbench = new Workbench("cost");
    const sink = workbench.use(await Sink.start(() => undefined));
    const candidates = await startCandidates(workbench, sink.url);
    const runId = newRunId();
    let writers = 0;
    const rows: Row[] = [];
    for (const kind of kinds) {
      const measured = { bare: [] as Cost[], gateway: [] as Cost[], "kube-stack": [] as Cost[] };
      // The first round warms up and is thrown away. Interleaved: what else this machine does hits all of them.
      for (let round = 0; round <= given.rounds; round += 1) {
        for (const name of candidateNames) {
          signal.throwIfAborted();
          const one = await drive(candidates[name], {
            writer: { run: runId, index: writers++ },
            kind,
            recordsPerRequest: given.batch,
            recordsPerSecond: given.rate,
            forMs: round === 0 ? Math.min(5_000, given.seconds) : given.seconds,
          });
          const kept = round > 0;
          if (kept) measured[name].push(one);
          log(
            `${kind}, ${kept ? `round ${round} of ${given.rounds}` : "warming up"}, ${name}: ` +
              `${microseconds(one.cpuMicroseconds)} a record, ${count(one.records)} records`,
          );
        }
      }
      rows.push(...costRows(kind, measured));
    }
    const limitMiB = prodSettings().collector.gateway.resources.memoryMiB;
    for (const kind of kinds) {
      signal.throwIfAborted();
      const args = { run: runId, kind, recordsPerRequest: given.batch, forMs: given.saturation };
      const { perSecond, perCore } = await saturate(candidates.gateway, args, writers);
      log(`${kind}, saturated: ${count(perSecond)} records/s`);
      writers += 20;
      const asked = perSecond * 2;
      const over = await drive(candidates.gateway, {
        writer: { run: runId, index: writers++ },
        kind,
        recordsPerRequest: given.batch,
        recordsPerSecond: asked,
        forMs: given.saturation,
        giveUp: true,
        inFlight: 32,
      });
      const alive = candidates.gateway.program.running;
      rows.push(
        told(`${kind} record, gateway saturated beside its sender: records/s`, count(perSecond)),
        told(`${kind} record, gateway saturated: records/s a core`, count(perCore)),
        atMost(
          `at twice that (${count(asked)}/s asked): memory`,
          over.peakMiB,
          limitMiB,
          mebibytes,
        ),
        {
          what: "at twice that: the process",
          measured: alive ? "lives" : "died",
          target: "lives",
          met: alive,
        },
        told(
          "at twice that: taken, refused requests",
          `${count(over.records)}, ${count(over.refused)}`,
        ),
      );
    }
    return {
      shape: [
        `gateway: production's pipelines with the shrinking overlay (limit ${limitMiB} MiB), redaction, disk queue; from its plain OTLP/gRPC listener to OTLP/HTTP`,
        "bare: OTLP/gRPC in, OTLP/HTTP out, the collector's default queue in memory; kube-stack: the daemon's log pipeline without what asks the cluster",
        `${given.batch} records a request, ${count(given.rate)} records/s, ${given.rounds} interleaved rounds of ${given.seconds / 1_000} s, medians; one process each, the sender and the sink share the machine`,
      ],
      rows,
    };
  },
});
