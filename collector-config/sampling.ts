import type { Settings } from "../config/settings.ts";
import type { ConfigMap, Processor } from "./model.ts";

type SamplerSettings = Settings["collector"]["sampler"];

/** How many decided traces are remembered for their late spans, against traces held undecided. */
const rememberedPerHeld = 10;

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

/** Tried in this order, and the first that says yes keeps the trace: errors and slow traces take nothing of the budget. */
function policies({ keep, replicas }: SamplerSettings): ConfigMap[] {
  if (keep.percentage === 100) return [{ name: "all", type: "always_sample" }];
  const always: ConfigMap[] = [
    { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
    { name: "slow", type: "latency", latency: { threshold_ms: keep.slowerThanMs } },
  ];
  return [...always, ...budget(keep.budgetSpansPerSecond, replicas), ...share(keep.percentage)];
}

/** Each sampler decides alone, about its part of the traces. */
function budget(spansPerSecond: number, samplers: number): ConfigMap[] {
  if (spansPerSecond === 0) return [];
  const own = Math.ceil(spansPerSecond / samplers);
  return [{ name: "budget", type: "rate_limiting", rate_limiting: { spans_per_second: own } }];
}

function share(percentage: number): ConfigMap[] {
  if (percentage === 0) return [];
  const probabilistic = { sampling_percentage: percentage };
  return [{ name: "share", type: "probabilistic", probabilistic }];
}
