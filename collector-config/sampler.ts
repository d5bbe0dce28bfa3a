import type { Endpoints } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { bytesPerMiB } from "../config/units.ts";
import { images } from "../config/versions.ts";
import {
  handOn,
  handOnWithErrors,
  requestMetrics,
  requestMetricsIdentity,
  serviceGraph,
} from "./connectors.ts";
import { prometheusExporters, tempoExporter } from "./exporters.ts";
import { healthCheck } from "./extensions.ts";
import { markRules, unmarkRules } from "./keep-rules.ts";
import { limitsOf } from "./limits.ts";
import type { CollectorConfig, Exporter, Pipeline, PipelineId, Processor } from "./model.ts";
import { keepResourceAttributes, limitsFrom, memoryLimiter, writerIdentity } from "./processors.ts";
import { gatewaysReceiver } from "./receivers.ts";
import { keepsEverything, tailSampling, withoutErrors } from "./sampling.ts";
import { ownTelemetry } from "./telemetry.ts";

const role = "sampler";

/** No span takes less memory than this. */
const leastSpanBytes = 256;
/**
 * Room for Prometheus to be away some minutes. Its samples are running totals, so what a longer outage drops is detail:
 * it must not fill the memory that spans need.
 */
const waitingSamples = 100_000;

/** The collector that sees its share of the traces whole: measures all of them, then keeps some. */
export function samplerConfig(settings: Settings, endpoints: Endpoints): CollectorConfig {
  const { sampler } = settings.collector;
  return {
    role,
    version: images.collector.tag,
    extensions: [healthCheck(ports.sampler.health)],
    pipelines: pipelines(settings, endpoints),
    telemetry: ownTelemetry({
      role,
      namespace: settings.namespace,
      metricsPort: ports.sampler.metrics,
    }),
    limits: limitsOf(settings, sampler.resources.memoryMiB),
  };
}

/**
 * A sampler's queues are in memory. What they cannot hold waits on the gateways' disks: tail sampling does not hand on that
 * a queue is full, so the queue of kept spans is larger than the memory, and the memory limiter refuses before it.
 */
function traceExporter(settings: Settings, endpoints: Endpoints): Exporter {
  const { gateway, sampler } = settings.collector;
  const maxRecords = Math.ceil((sampler.memoryLimitMiB * bytesPerMiB) / leastSpanBytes);
  return tempoExporter(endpoints.tempoOtlp, { batch: gateway.batch, maxRecords });
}

function pipelines(settings: Settings, endpoints: Endpoints): Pipeline[] {
  const { gateway, sampler } = settings.collector;
  const { slowerThanMs } = sampler.keep;
  const prometheus = prometheusExporters(endpoints.prometheusOtlp, {
    batch: gateway.batch,
    maxRecords: Math.max(waitingSamples, gateway.batch.maxRecords),
  });
  const receiver = gatewaysReceiver(gateway);
  const { checkIntervalMs } = gateway.memoryLimiter;
  const limiter = memoryLimiter(limitsFrom(sampler.memoryLimitMiB, checkIntervalMs));
  const all = requestMetrics({
    purpose: "all",
    namespace: "traces.spanmetrics",
    slowerThanMs,
    // An exemplar made here could name a trace that is then dropped.
    exemplars: false,
  });
  const kept = requestMetrics({
    purpose: "kept",
    namespace: "traces.kept",
    slowerThanMs,
    exemplars: true,
  });
  const graph = serviceGraph(sampler.maxTraces);
  const identity = keepResourceAttributes("identity", requestMetricsIdentity);
  // One limiter for both: were each to ask, one could take what the other refuses, and it would come again.
  const toDecide: PipelineId = { signal: "traces", purpose: "decided" };
  const atOnce: PipelineId = { signal: "traces", purpose: "errors" };
  const drops = !keepsEverything(sampler);
  const deciding = drops ? handOnWithErrors(toDecide, atOnce) : handOn(toDecide);
  const stored = [traceExporter(settings, endpoints), kept];
  const errors: Pipeline = { ...atOnce, receivers: [deciding], processors: [], exporters: stored };
  return [
    {
      signal: "traces",
      purpose: "all",
      receivers: [receiver],
      processors: [limiter],
      exporters: [all, graph, deciding],
    },
    {
      ...toDecide,
      receivers: [deciding],
      processors: drops ? deciders(sampler) : [tailSampling(sampler)],
      exporters: stored,
    },
    ...(drops ? [errors] : []),
    {
      signal: "metrics",
      purpose: "requests",
      receivers: [all, kept],
      processors: [identity],
      exporters: prometheus,
    },
    {
      signal: "metrics",
      purpose: "edges",
      receivers: [graph],
      processors: [writerIdentity(settings, role)],
      exporters: prometheus,
    },
  ];
}

/** An error's span is sent when it comes, so that it is kept even where its trace was dropped before; here the rest is. */
function deciders(sampler: Settings["collector"]["sampler"]): Processor[] {
  const { rules } = sampler.keep;
  const marked = rules.length > 0;
  return [
    ...(marked ? [markRules(rules)] : []),
    tailSampling(sampler),
    withoutErrors(),
    ...(marked ? [unmarkRules()] : []),
  ];
}
