import { describe, expect, it } from "vitest";
import { capacityRules, lateSignals } from "./capacity-rules.ts";
import { parseConfig } from "./parse.ts";
import { factsOf } from "./rule.ts";
import { base, gateway, sampler, source, testRules } from "./rule-rows.ts";

const toOneSampler = (values: object) => ({
  collector: { gateway: values, sampler: { replicas: 1 } },
});

testRules(capacityRules, [
  {
    rule: "gateway-limiter-in-container",
    passes: gateway({ resources: { memoryMiB: 2_560 } }),
    fails: gateway({ resources: { memoryMiB: 2_559 } }),
    message:
      "platform.collector.gateway.resources.memoryMiB is 2559, of which Go may use 2047, below memoryLimiter.limitMiB 2048 (default). Fix: raise it to 2560 or more (or leave it out: it is derived), or lower memoryLimiter.limitMiB to 2047 or less.",
  },
  {
    rule: "sampler-limiter-in-container",
    passes: sampler({ memoryLimitMiB: 2_048 }),
    fails: sampler({ memoryLimitMiB: 2_049 }),
    message:
      "platform.collector.sampler.resources.memoryMiB is 2560 (default), of which Go may use 2048, below memoryLimitMiB 2049. Fix: raise it to 2562 or more, or lower memoryLimitMiB to 2048 or less.",
  },
  {
    rule: "spike-below-limit",
    passes: gateway({
      autoscaling: {},
      replicas: { min: 1, max: 1 },
      memoryLimiter: { limitMiB: 100, spikeMiB: 99 },
    }),
    fails: gateway({
      replicas: { min: 1, max: 1 },
      memoryLimiter: { limitMiB: 100, spikeMiB: 100 },
    }),
    message:
      "platform.collector.gateway.memoryLimiter.limitMiB is 100, not above memoryLimiter.spikeMiB 100. Fix: raise it above 100, or lower memoryLimiter.spikeMiB below 100.",
  },
  {
    rule: "spike-holds-request",
    passes: gateway({ memoryLimiter: { limitMiB: 64 }, maxRequestMiB: 16 }),
    fails: gateway({ memoryLimiter: { limitMiB: 64 }, maxRequestMiB: 17 }),
    message:
      "platform.collector.gateway.memoryLimiter.spikeMiB is 16 (derived), below gateway.maxRequestMiB 17. Fix: raise it to 17 or more, or lower gateway.maxRequestMiB to 16 or less.",
  },
  {
    rule: "scales-before-refusing",
    passes: gateway({ autoscaling: { memoryPercent: 59 } }),
    fails: gateway({ autoscaling: { memoryPercent: 60 } }),
    message:
      "platform.collector.gateway.autoscaling.memoryPercent is 60, but from 1536 of resources.memoryMiB 2560 (derived) on the memory limiter refuses, so that memory never gets there. Fix: lower it to 59 or less.",
  },
  {
    rule: "batch-in-queue",
    passes: toOneSampler({ batch: { maxRecords: 500 }, queue: { maxRecords: 500 } }),
    fails: toOneSampler({ batch: { maxRecords: 501 }, queue: { maxRecords: 500 } }),
    message:
      "platform.collector.gateway.queue.maxRecords is 500, below gateway.batch.maxRecords 501. Fix: raise it to 501 or more, or lower gateway.batch.maxRecords to 500 or less.",
  },
  {
    rule: "disk-queue-fits-volume",
    // 10 GiB × 80 % / (4 queues × 1024 bytes × 1.2)
    passes: gateway({ queue: { maxRecords: 1_747_626, volumeGiB: 10 } }),
    fails: gateway({ queue: { maxRecords: 1_747_627, volumeGiB: 10 } }),
    message:
      "platform.collector.gateway.queue.volumeGiB is 10, too small for 4 full queues (loki, samplers, prometheus 0, prometheus 1) of queue.maxRecords 1747627 × queue.recordBytes 1024 (default), with a fifth for the queue's database and a fifth of the volume free. Fix: raise it to 11 or more, or lower queue.maxRecords to 1747626 or less.",
  },
  {
    rule: "memory-queue-fits-limiter",
    // 1536 MiB / (3 queues × 1024 bytes × 2)
    passes: {
      ...gateway({ queue: { storage: "memory", maxRecords: 262_144 } }),
      prometheus: { replicas: 1 },
    },
    fails: {
      ...gateway({ queue: { storage: "memory", maxRecords: 262_145 } }),
      prometheus: { replicas: 1 },
    },
    message:
      "platform.collector.gateway.queue.maxRecords is 262145, too many to hold in memory: 3 full queues (loki, samplers, prometheus 0) of queue.maxRecords 262145 × queue.recordBytes 1024 (default) take 1537 MiB once decoded, above the 1536 MiB at which the memory limiter refuses. Fix: lower it to 262144 or less, raise memoryLimiter.limitMiB, or set queue.storage to disk.",
  },
  {
    rule: "lag-objectives",
    passes: sampler({ decisionWaitAfterRootMs: 999 }),
    fails: sampler({ decisionWaitAfterRootMs: 1_000 }),
    message:
      "platform.collector.sampler.decisionWaitAfterRootMs is 1000: SDK 200 + agent's batch 200 + gateway's batch 200 + decision 2000 + sampler's batch 200 = 2800 ms, above the 2000 ms in which a trace must be found. Fix: lower it below 1000.",
  },
  {
    rule: "batch-in-samplers-queues",
    passes: gateway({ batch: { maxRecords: 100 }, queue: { maxRecords: 300 } }),
    fails: gateway({ batch: { maxRecords: 100 }, queue: { maxRecords: 299 } }),
    message:
      "platform.collector.gateway.queue.maxRecords is 299, which the samplers' queues share: for sampler.replicas 3 (default) that is less than batch.maxRecords 100 each. Fix: raise it to 300 or more, or lower batch.maxRecords to 99 or less.",
  },
]);

describe("logs are held to their objective", () => {
  const facts = factsOf(parseConfig(source, base), base);

  it.each([
    { objective: 2_401, problems: [] },
    {
      objective: 2_400,
      problems: [
        "is 5000 (default): tail 400 + agent's batch 1000 + gateway's batch 1000 = 2400 ms, not below the 2400 ms in which a log must be found",
      ],
    },
  ])("of $objective ms", ({ objective, problems }) => {
    const issues = lateSignals(facts, { logs: objective, traces: 2_000 });
    expect(issues.map(({ problem }) => problem)).toEqual(problems);
  });
});
