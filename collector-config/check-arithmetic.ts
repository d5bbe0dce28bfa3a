import type { ConfigIssue } from "../config/issue.ts";
import { bytesPerMiB } from "../config/units.ts";
import { componentsOf, label, settingAt, type CollectorConfig, type Component } from "./model.ts";

function numberAt(component: Component, ...path: string[]): number {
  const value = settingAt(component, ...path);
  if (typeof value === "number") return value;
  throw new TypeError(`${label(component)} has no number at ${path.join(".")}`);
}

function memoryLimits(config: CollectorConfig): ConfigIssue[] {
  const limiters = componentsOf(config).filter(({ name }) => name === "memory_limiter");
  return limiters.flatMap((limiter) => {
    const limit = numberAt(limiter, "limit_mib");
    const spike = numberAt(limiter, "spike_limit_mib");
    const path = `processor ${label(limiter)}`;
    const issues: ConfigIssue[] = [];
    if (limit >= config.limits.containerMiB) {
      const problem = `has limit_mib ${limit}, not below the container's ${config.limits.containerMiB} MiB`;
      issues.push({ path, problem, fix: "lower the limit or raise the container's memory" });
    }
    if (spike >= limit) {
      const problem = `has spike_limit_mib ${spike}, not below limit_mib ${limit}`;
      issues.push({ path, problem, fix: "lower the spike" });
    }
    return issues;
  });
}

function queued(config: CollectorConfig): Component[] {
  return componentsOf(config).filter(
    (component) => settingAt(component, "sending_queue") !== undefined,
  );
}

function batchesFitQueues(config: CollectorConfig): ConfigIssue[] {
  return queued(config).flatMap((exporter) => {
    const batch = numberAt(exporter, "sending_queue", "batch", "min_size");
    const queue = numberAt(exporter, "sending_queue", "queue_size");
    // A queue in bytes and a batch in records cannot be compared here; a rule of the settings does.
    const sizer = settingAt(exporter, "sending_queue", "sizer");
    const batchSizer = settingAt(exporter, "sending_queue", "batch", "sizer") ?? sizer;
    if (batchSizer !== sizer || batch <= queue) return [];
    const problem = `has batches of ${batch} records, above its queue of ${queue}`;
    return [{ path: `exporter ${label(exporter)}`, problem, fix: "raise queue_size" }];
  });
}

/** A file of the queues: an exporter has one for each signal that it gets. */
interface QueueFile {
  readonly exporter: Component;
  readonly bytes: number;
}

function queueFiles(config: CollectorConfig): QueueFile[] {
  return queued(config)
    .filter((exporter) => settingAt(exporter, "sending_queue", "storage") !== undefined)
    .flatMap((exporter) => {
      const size = numberAt(exporter, "sending_queue", "queue_size");
      const isInBytes = settingAt(exporter, "sending_queue", "sizer") === "bytes";
      const bytes = isInBytes ? size : size * config.limits.recordBytes;
      const using = config.pipelines.filter(({ exporters }) =>
        exporters.some((one) => one === exporter),
      );
      return [...new Set(using.map(({ signal }) => signal))].map(() => ({ exporter, bytes }));
    });
}

/** The largest file is for a moment there twice, while it is compacted. */
function queuesFitVolume(config: CollectorConfig): ConfigIssue[] {
  const { limits } = config;
  const files = queueFiles(config);
  if (files.length === 0) return [];
  const sizes = files.map(({ bytes }) => bytes);
  const all = sizes.reduce((sum, one) => sum + one, Math.max(...sizes));
  const neededMiB = Math.ceil(all / bytesPerMiB);
  if (neededMiB <= limits.queueVolumeMiB) return [];
  const problem = `need ${neededMiB} MiB when full, with the largest once more for its compaction, above the volume's ${limits.queueVolumeMiB} MiB`;
  const path = `queues of ${[...new Set(files.map(({ exporter }) => label(exporter)))].join(", ")}`;
  return [{ path, problem, fix: "raise the volume or lower the queues' sizes" }];
}

/** Memory, batches, queues and volume: what must fit into what. */
export const arithmeticChecks = [memoryLimits, batchesFitQueues, queuesFitVolume] as const;
