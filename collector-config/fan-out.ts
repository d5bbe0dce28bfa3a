import { fanOutTargets, targetSignals, type Target } from "../config/fan-out.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { handOnToAll } from "./connectors.ts";
import {
  fileExporter,
  loopbackExporter,
  loopbackPurpose,
  queuedExporter,
  remoteWriteExporter,
} from "./fan-out-exporters.ts";
import { targetFilter } from "./fan-out-filter.ts";
import type { Connector, Exporter, Extension, Pipeline, Processor, Signal } from "./model.ts";
import { acknowledgeEarly, memoryLimiter } from "./processors.ts";
import { loopbackReceiver } from "./receivers.ts";

/** An exporter that may be away, slow or full without anybody else noticing, and what it wants of one signal. */
export interface OptionalTarget {
  readonly signal: Signal;
  readonly filters: readonly Processor[];
  readonly exporter: Exporter;
}

/** Every target of the fan-out, a signal each, and the pipelines behind those whose own exporter has no queue. */
export function fanOutTo(
  settings: Settings,
  storage: Extension | undefined,
): { readonly targets: readonly OptionalTarget[]; readonly pipelines: readonly Pipeline[] } {
  const { gateway } = settings.collector;
  const limiter = { ...memoryLimiter(gateway.memoryLimiter), purpose: "loopback" };
  const parts = fanOutTargets(settings).map((target, index) => {
    const loopback = { port: ports.gateway.fanOutLoopback + index, gateway, limiter };
    const { exporter, pipelines } = exportersOf(target, loopback, storage);
    const targets = targetSignals(target).map((signal): OptionalTarget => ({
      signal,
      filters: targetFilter(target, signal),
      exporter,
    }));
    return { targets, pipelines };
  });
  return {
    targets: parts.flatMap(({ targets }) => targets),
    pipelines: parts.flatMap(({ pipelines }) => pipelines),
  };
}

interface Loopback {
  readonly port: number;
  readonly gateway: Settings["collector"]["gateway"];
  readonly limiter: Processor;
}

function exportersOf(
  target: Target,
  { port, gateway, limiter }: Loopback,
  storage: Extension | undefined,
): { exporter: Exporter; pipelines: Pipeline[] } {
  if (target.kind !== "file" && target.kind !== "prometheusRemoteWrite") {
    return { exporter: queuedExporter(target, storage), pipelines: [] };
  }
  const purpose = loopbackPurpose(target.name);
  const receiver = loopbackReceiver(purpose, port, gateway);
  const pipelines = targetSignals(target).map((signal): Pipeline => ({
    signal,
    purpose,
    receivers: [receiver],
    processors: [limiter],
    exporters: [
      target.kind === "file"
        ? fileExporter(target.name, target.settings, signal)
        : remoteWriteExporter(target.name, target.settings),
    ],
  }));
  return { exporter: loopbackExporter(target, `127.0.0.1:${port}`, storage), pipelines };
}

/**
 * One way for all optional targets of a signal. Each has a pipeline, in which a batch processor that does not batch
 * takes everything and refuses nothing: the sender of a record that one target has no room for does not hear of it, and
 * so does not send it to the others again. docs/decisions/0009.
 */
export function optionalTargets(targets: readonly OptionalTarget[]): {
  readonly exporters: Readonly<Record<Signal, readonly Connector[]>>;
  readonly pipelines: readonly Pipeline[];
} {
  const early = acknowledgeEarly();
  const parts = (["logs", "metrics", "traces"] as const).map((signal) => {
    const ids = targets
      .filter((target) => target.signal === signal)
      .map((target) => ({ ...target, id: { signal, purpose: target.exporter.purpose } }));
    if (ids.length === 0) return { signal, connectors: [], pipelines: [] };
    const connector = handOnToAll(
      `fan-out-${signal}`,
      ids.map(({ id }) => id),
    );
    const pipelines = ids.map(({ id, filters, exporter }): Pipeline => ({
      ...id,
      receivers: [connector],
      processors: [...filters, early],
      exporters: [exporter],
    }));
    return { signal, connectors: [connector], pipelines };
  });
  const of = (signal: Signal) =>
    parts.flatMap((part) => (part.signal === signal ? part.connectors : []));
  return {
    exporters: { logs: of("logs"), metrics: of("metrics"), traces: of("traces") },
    pipelines: parts.flatMap(({ pipelines }) => pipelines),
  };
}
