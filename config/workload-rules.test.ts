import { workloadRules } from "./workload-rules.ts";
import { gateway, sampler, testRules } from "./rule-rows.ts";

const working = (workload: object, written: object) => ({ workload, ...written });
const busy = { logsPerSecond: 10_000, spansPerSecond: 1_000, series: 300_000 };
const quiet = { logsPerSecond: 0, spansPerSecond: 0, series: 0 };
const lokiRate = (ingestionRateMiB: number) => ({
  loki: { ingestionRateMiB, streamRateMiB: ingestionRateMiB },
});
const prometheusMemory = (memoryMiB: number) => ({ prometheus: { resources: { memoryMiB } } });

testRules(workloadRules, [
  {
    rule: "workload-within-limits",
    // 49 replicas of 0.65 cores each, and one more
    passes: working({ ...quiet, logsPerSecond: 1_061_666, peakFactor: 1 }, {}),
    fails: working({ ...quiet, logsPerSecond: 1_061_667, peakFactor: 1 }, {}),
    message:
      "platform.workload asks for platform.collector.gateway.replicas.min 51 (average CPU over autoscaling.cpuPercent of the request, and one more), above its most, 50. Fix: spread the load over several stacks, or write platform.collector.gateway.replicas.min yourself if less will do.",
  },
  {
    rule: "queue-bridges-outage",
    // 20,000 logs a second at the peak for 30 minutes, over three gateways
    passes: working(busy, gateway({ replicas: { min: 3 }, queue: { maxRecords: 12_000_000 } })),
    fails: working(busy, gateway({ replicas: { min: 3 }, queue: { maxRecords: 11_999_999 } })),
    message:
      "platform.collector.gateway.queue.maxRecords is 11999999: with replicas.min 3, one gateway gets 6667 records of logs a second at the workload's peak, which fill it in 29 minutes, below workload.outageMinutes 30 (default). Fix: raise it to 12000000 or more (or leave it out: it is derived), raise replicas.min, or lower outageMinutes to 29.",
  },
  {
    rule: "outage-within-replay",
    passes: working({ ...busy, outageMinutes: 59 }, {}),
    fails: working({ ...busy, outageMinutes: 60 }, {}),
    message:
      "platform.workload.outageMinutes is 60, not below platform.replayMinutes 60 (default): Loki and Prometheus would refuse for ever what waited longest. Fix: raise replayMinutes above 60, or lower it below 60.",
  },
  {
    rule: "gateways-carry-peak",
    // 100,000 × 2 × 30 µs = 6 cores
    passes: working(
      { ...quiet, logsPerSecond: 100_000 },
      gateway({ replicas: { min: 2, max: 2 }, resources: { cpuLimitMillicores: 3_000 } }),
    ),
    fails: working(
      { ...quiet, logsPerSecond: 100_001 },
      gateway({ replicas: { min: 2, max: 2 }, resources: { cpuLimitMillicores: 3_000 } }),
    ),
    message:
      "platform.collector.gateway.replicas.max is 2, too few for the workload's peak: it needs 6.1 cores, above the 6.0 that they may use. Fix: raise it to 3 or more (or leave it out: it is derived).",
  },
  {
    rule: "samplers-carry-peak",
    // 100,000 × 2 × 20 µs = 4 cores
    passes: working({ ...quiet, spansPerSecond: 100_000 }, sampler({ replicas: 2 })),
    fails: working({ ...quiet, spansPerSecond: 100_001 }, sampler({ replicas: 2 })),
    message:
      "platform.collector.sampler.replicas is 2, too few for the workload's peak: it needs 4.1 cores, above the 4.0 that they may use. Fix: raise it to 3 or more (or leave it out: it is derived).",
  },
  {
    rule: "traces-fit-samplers",
    // 10,000 × 2 spans in traces of one, over two samplers, for a second
    passes: working(
      { ...quiet, spansPerSecond: 10_000, spansPerTrace: 1 },
      sampler({ replicas: 2, maxTraces: 10_000 }),
    ),
    fails: working(
      { ...quiet, spansPerSecond: 10_000, spansPerTrace: 1 },
      sampler({ replicas: 2, maxTraces: 9_999 }),
    ),
    message:
      "platform.collector.sampler.maxTraces is 9999, below the 10000 traces that each of sampler.replicas 2 holds at the workload's peak while it waits for stragglers. Fix: raise it to 10000 or more (or leave it out: it is derived), or raise sampler.replicas.",
  },
  {
    rule: "loki-rate-holds-peak",
    // 1024 × 2 × 1024 bytes = 2 MiB a second
    passes: working({ ...quiet, logsPerSecond: 1_023 }, lokiRate(2)),
    fails: working({ ...quiet, logsPerSecond: 1_024 }, lokiRate(2)),
    message:
      "platform.loki.ingestionRateMiB is 2, not above the 2.0 MiB a second of the workload's peak. Fix: raise it to 4, so that what waited is taken beside what comes (or leave it out: it is derived).",
  },
  {
    rule: "tempo-rate-holds-peak",
    passes: working({ ...quiet, spansPerSecond: 1_023 }, { tempo: { ingestionRateMiB: 2 } }),
    fails: working({ ...quiet, spansPerSecond: 1_024 }, { tempo: { ingestionRateMiB: 2 } }),
    message:
      "platform.tempo.ingestionRateMiB is 2, not above the 2.0 MiB a second of the workload's peak. Fix: raise it to 4, so that what waited is taken beside what comes (or leave it out: it is derived).",
  },
  {
    rule: "prometheus-memory-holds-series",
    passes: working({ ...quiet, series: 357_913 }, prometheusMemory(1_024)),
    fails: working({ ...quiet, series: 357_914 }, prometheusMemory(1_024)),
    message:
      "platform.prometheus.resources.memoryMiB is 1024, less than workload.series 357914 need. Fix: raise it to 1025 at the very least (or leave it out: it is derived).",
  },
]);
