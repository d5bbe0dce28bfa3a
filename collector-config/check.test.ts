import { describe, expect, it } from "vitest";
import { ConfigError } from "../config/issue.ts";
import { checkCollectorConfig } from "./check.ts";
import { extensionLink, pipelineLink } from "./model.ts";
import type {
  CollectorConfig,
  ConfigMap,
  Connector,
  Exporter,
  Extension,
  Pipeline,
  Processor,
  Receiver,
} from "./model.ts";
import type { ComponentName } from "./names.ts";

const receiver: Receiver = {
  kind: "receiver",
  name: "otlp",
  purpose: "in",
  source: "applications",
  config: {},
};
const inner: Receiver = { ...receiver, purpose: "inner", source: "collectors" };

function processor(name: ComponentName, config: ConfigMap = {}): Processor {
  return { kind: "processor", name, purpose: "a", config };
}

const limiter = processor("memory_limiter", { limit_mib: 400, spike_limit_mib: 100 });
const pods = processor("k8s_attributes");
const resource = processor("resource");
const redaction: Processor = { ...processor("transform"), purpose: "log-secrets" };
const sampling = processor("tail_sampling");

function exporter(purpose: string, config: ConfigMap = {}): Exporter {
  return { kind: "exporter", name: "otlp_http", purpose, config };
}

const storage: Extension = {
  kind: "extension",
  name: "file_storage",
  purpose: "queue",
  config: {},
};

function queue(records: number, batch: number, disk = false): ConfigMap {
  return {
    sending_queue: {
      queue_size: records,
      storage: disk ? extensionLink(storage) : undefined,
      batch: { min_size: batch },
    },
  };
}

const routing: Connector = { kind: "connector", name: "routing", purpose: "deal", config: {} };

const sound: Pipeline = {
  signal: "logs",
  purpose: "in",
  receivers: [receiver],
  processors: [limiter, pods, resource, redaction],
  exporters: [exporter("loki")],
};

function config(parts: Partial<CollectorConfig>): CollectorConfig {
  return {
    role: "gateway",
    version: "0.152.0",
    extensions: [],
    pipelines: [sound],
    telemetry: {},
    limits: { containerMiB: 512, queueVolumeMiB: 10, recordBytes: 1_024 },
    ...parts,
  };
}

function withProcessors(...processors: Processor[]): Partial<CollectorConfig> {
  return { pipelines: [{ ...sound, processors }] };
}

function withExporters(...exporters: Pipeline["exporters"]): Pipeline {
  return { ...sound, exporters };
}

/** All that the check says, or nothing. */
function complaint(checked: CollectorConfig): string {
  try {
    checkCollectorConfig(checked);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe("checkCollectorConfig", () => {
  it("accepts what holds together", () => {
    expect(complaint(config({}))).toBe("");
  });

  const cases: [string, Partial<CollectorConfig>, string][] = [
    [
      "two components of one name",
      { pipelines: [withExporters(exporter("loki"), exporter("loki", { endpoint: "x" }))] },
      "exporter otlp_http/loki is defined twice, differently. Fix: share one object, or give each a purpose of its own.",
    ],
    [
      "two pipelines of one name",
      { pipelines: [sound, sound] },
      "pipeline logs/in is defined twice, differently. Fix: share one object, or give each a purpose of its own.",
    ],
    [
      "a pipeline that begins nowhere",
      { pipelines: [{ ...sound, receivers: [], processors: [redaction] }] },
      "pipeline logs/in has no receivers. Fix: add one, or remove the pipeline.",
    ],
    [
      "a pipeline that ends nowhere",
      { pipelines: [{ ...sound, exporters: [] }] },
      "pipeline logs/in has no exporters. Fix: add one, or remove the pipeline.",
    ],
    [
      "a connector that nothing continues",
      { pipelines: [withExporters(routing)] },
      "connector routing/deal is among no pipeline's receivers. Fix: name it in the receivers of a pipeline.",
    ],
    [
      "a connector that nothing feeds",
      { pipelines: [sound, { ...sound, purpose: "on", receivers: [routing], processors: [] }] },
      "connector routing/deal is among no pipeline's exporters. Fix: name it in the exporters of a pipeline.",
    ],
    [
      "an extension that is used, but not started",
      { pipelines: [withExporters(exporter("loki", queue(10, 1, true)))] },
      "exporter otlp_http/loki uses extension file_storage/queue, which is not started. Fix: add it to the collector's extensions.",
    ],
    [
      "an extension that nothing uses",
      { extensions: [storage] },
      "extension file_storage/queue is started, but nothing uses it. Fix: use it, or remove it.",
    ],
    [
      "a wrong order",
      withProcessors(limiter, resource, pods, redaction),
      "pipeline logs/in has k8s_attributes after resource. Fix: put k8s_attributes before resource.",
    ],
    [
      "sampling before the pod is known",
      withProcessors(limiter, sampling, pods, redaction),
      "pipeline logs/in has k8s_attributes after tail_sampling. Fix: put k8s_attributes before tail_sampling.",
    ],
    [
      "no memory limiter behind a receiver",
      withProcessors(redaction),
      "pipeline logs/in has no memory_limiter. Fix: make memory_limiter its first processor.",
    ],
    [
      "a memory limiter behind something unlisted",
      withProcessors(processor("transform"), limiter, redaction),
      "pipeline logs/in does not begin with memory_limiter. Fix: make memory_limiter its first processor.",
    ],
    [
      "a memory limiter where refusing loses",
      {
        pipelines: [
          withExporters(routing),
          { ...sound, purpose: "on", receivers: [routing], processors: [limiter] },
        ],
      },
      "pipeline logs/on has a memory_limiter, but a connector does not send again what is refused. Fix: leave it to the pipelines that receivers feed.",
    ],
    [
      "what applications send, unredacted",
      withProcessors(limiter, pods),
      "pipeline logs/in hands on what applications send without redaction. Fix: add the processors of processing/cleaning.ts after those that name.",
    ],
    [
      "a limit above the container's memory",
      withProcessors(
        processor("memory_limiter", { limit_mib: 512, spike_limit_mib: 100 }),
        redaction,
      ),
      "processor memory_limiter/a has limit_mib 512, not below the container's 512 MiB. Fix: lower the limit or raise the container's memory.",
    ],
    [
      "a spike above the limit",
      withProcessors(
        processor("memory_limiter", { limit_mib: 400, spike_limit_mib: 400 }),
        redaction,
      ),
      "processor memory_limiter/a has spike_limit_mib 400, not below limit_mib 400. Fix: lower the spike.",
    ],
    [
      "a batch above its queue",
      { pipelines: [withExporters(exporter("loki", queue(100, 101)))] },
      "exporter otlp_http/loki has batches of 101 records, above its queue of 100. Fix: raise queue_size.",
    ],
    [
      "queues above their volume",
      {
        extensions: [storage],
        pipelines: [
          withExporters(
            exporter("loki", queue(5_000, 1, true)),
            exporter("tempo", queue(1_000, 1, true)),
          ),
        ],
      },
      "queues of otlp_http/loki, otlp_http/tempo need 11 MiB when full, with the largest once more for its compaction, above the volume's 10 MiB. Fix: raise the volume or lower the queues' sizes.",
    ],
  ];
  it.each(cases)("refuses %s", (_, parts, message) => {
    expect(complaint(config(parts))).toBe(`collector gateway: ${message}`);
  });

  it("names the pipelines that there are when a connector sends elsewhere", () => {
    const lost: Connector = {
      ...routing,
      config: { table: [pipelineLink({ signal: "logs", purpose: "out" })] },
    };
    const pipelines = [
      withExporters(lost),
      { ...sound, purpose: "on", receivers: [lost], processors: [] },
    ];
    expect(complaint(config({ pipelines }))).toBe(
      "collector gateway: connector routing/deal sends to pipeline logs/out, which is not there. Fix: define it; there are logs/in, logs/on.",
    );
  });

  it("says everything that is wrong at once", () => {
    const pipelines = [{ ...sound, processors: [pods], exporters: [] }];
    expect(complaint(config({ pipelines, extensions: [storage] }))).toBe(
      [
        "collector gateway: pipeline logs/in has no exporters. Fix: add one, or remove the pipeline.",
        "collector gateway: extension file_storage/queue is started, but nothing uses it. Fix: use it, or remove it.",
        "collector gateway: pipeline logs/in has no memory_limiter. Fix: make memory_limiter its first processor.",
        "collector gateway: pipeline logs/in hands on what applications send without redaction. Fix: add the processors of processing/cleaning.ts after those that name.",
      ].join("\n"),
    );
  });

  it("lets what goes to the gateways alone pass unredacted", () => {
    const gateways: Exporter = { ...exporter("gateways"), target: "gateways" };
    const to = (exporters: Exporter[]) =>
      config({ pipelines: [{ ...sound, processors: [limiter, pods], exporters }] });
    expect(complaint(to([gateways]))).toBe("");
    expect(complaint(to([gateways, exporter("elsewhere")]))).toContain("without redaction");
  });

  it("lets what collectors hand on pass unredacted", () => {
    const pipelines = [{ ...sound, receivers: [inner], processors: [limiter] }];
    expect(complaint(config({ pipelines }))).toBe("");
  });
});
