import type { Settings } from "../config/settings.ts";
import { rememberedPerHeld } from "../config/workload-figures.ts";
import { besidesRules, rulePolicies, type Policy } from "./keep-rules.ts";
import type { Processor } from "./model.ts";

type SamplerSettings = Settings["collector"]["sampler"];

/** Decides about each trace as a whole. */
export function tailSampling(sampler: SamplerSettings): Processor {
  const remembered = sampler.maxTraces * rememberedPerHeld;
  return {
    kind: "processor",
    name: "tail_sampling",
    purpose: "keep",
    config: {
      decision_wait: `${sampler.decisionWaitSeconds}s`,
      decision_wait_after_root_received: `${sampler.decisionWaitAfterRootMs}ms`,
      num_traces: sampler.maxTraces,
      // Waiting slows the gateways down, whose queues hold; the other choice drops traces undecided.
      block_on_overflow: true,
      // Both are needed for that: a decided trace leaves the room it takes only for its place in a cache.
      decision_cache: { sampled_cache_size: remembered, non_sampled_cache_size: remembered },
      sample_on_first_match: true,
      policies: policies(sampler),
    },
  };
}

/** Whether no trace is ever dropped. */
export function keepsEverything({ keep }: SamplerSettings): boolean {
  return keep.percentage === 100 && keep.rules.every(({ percentage }) => percentage === 100);
}

/** Tried in this order, and the first that says yes keeps the trace: errors and slow traces take nothing of the budget. */
function policies(sampler: SamplerSettings): Policy[] {
  const { keep, replicas } = sampler;
  const everything: Policy = { name: "all", type: "always_sample" };
  if (keepsEverything(sampler)) return [everything];
  const rest =
    keep.percentage === 100
      ? [everything]
      : [...budget(keep.budgetSpansPerSecond, replicas), ...share(keep.percentage)];
  return [
    { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
    { name: "slow", type: "latency", latency: { threshold_ms: keep.slowerThanMs } },
    ...rulePolicies(keep.rules),
    ...rest.map((policy) => besidesRules(keep.rules, policy)),
  ];
}

/** Each sampler decides alone, about its part of the traces. */
function budget(spansPerSecond: number, samplers: number): Policy[] {
  if (spansPerSecond === 0) return [];
  const own = Math.ceil(spansPerSecond / samplers);
  return [{ name: "budget", type: "rate_limiting", rate_limiting: { spans_per_second: own } }];
}

function share(percentage: number): Policy[] {
  if (percentage === 0) return [];
  const probabilistic = { sampling_percentage: percentage };
  return [{ name: "share", type: "probabilistic", probabilistic }];
}

/** Drops errors' spans: they were sent when they came, whatever became of their trace. */
export function withoutErrors(): Processor {
  return {
    kind: "processor",
    name: "filter",
    purpose: "sent",
    config: {
      error_mode: "ignore",
      trace_conditions: ["span.status.code == STATUS_CODE_ERROR"],
    },
  };
}
