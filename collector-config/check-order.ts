import type { ConfigIssue } from "../config/issue.ts";
import {
  pipelineLabel,
  type CollectorConfig,
  type Component,
  type Pipeline,
  type Receiver,
} from "./model.ts";
import type { ComponentName } from "./names.ts";
import { redactionPurpose } from "./processing/redaction-purpose.ts";

/**
 * Where a processor stands: refuse before any work, ask for the pod while the connection is at hand, name, clean, and only
 * then decide. What is not listed may stand anywhere.
 */
const stages: Partial<Record<ComponentName, number>> = {
  memory_limiter: 0,
  k8s_attributes: 1,
  resource_detection: 1,
  resource: 2,
  tail_sampling: 4,
};

function isReceiver(component: Component): component is Receiver {
  return component.kind === "receiver";
}

function leadsToGateways(component: Component): boolean {
  return "target" in component && component.target === "gateways";
}

function issue(pipeline: Pipeline, problem: string, fix: string): ConfigIssue {
  return { path: `pipeline ${pipelineLabel(pipeline)}`, problem, fix };
}

function outOfOrder({ pipelines }: CollectorConfig): ConfigIssue[] {
  return pipelines.flatMap((pipeline) => {
    const staged = pipeline.processors.flatMap(({ name }) => {
      const stage = stages[name];
      return stage === undefined ? [] : [{ name, stage }];
    });
    return staged.flatMap((later, index) => {
      const earlier = staged[index - 1];
      if (earlier === undefined || earlier.stage <= later.stage) return [];
      const problem = `has ${later.name} after ${earlier.name}`;
      return [issue(pipeline, problem, `put ${later.name} before ${earlier.name}`)];
    });
  });
}

function limiterFirst({ pipelines }: CollectorConfig): ConfigIssue[] {
  return pipelines.flatMap((pipeline) => {
    const takesFromNetwork = pipeline.receivers.some(isReceiver);
    const at = pipeline.processors.findIndex(({ name }) => name === "memory_limiter");
    if (takesFromNetwork && at !== 0) {
      const problem = at < 0 ? "has no memory_limiter" : "does not begin with memory_limiter";
      return [issue(pipeline, problem, "make memory_limiter its first processor")];
    }
    if (!takesFromNetwork && at >= 0) {
      const problem = "has a memory_limiter, but a connector does not send again what is refused";
      return [issue(pipeline, problem, "leave it to the pipelines that receivers feed")];
    }
    return [];
  });
}

/** One of many that transform: what it does is said by its purpose. */
function redacts({ name, purpose }: Component): boolean {
  return name === "transform" && purpose.endsWith(`-${redactionPurpose}`);
}

function redactedBeforeExport({ pipelines }: CollectorConfig): ConfigIssue[] {
  return pipelines
    .filter(({ receivers }) =>
      receivers.some((one) => isReceiver(one) && one.source === "applications"),
    )
    .filter(({ processors }) => !processors.some(redacts))
    .filter(({ exporters }) => exporters.length === 0 || !exporters.every(leadsToGateways))
    .map((pipeline) =>
      issue(
        pipeline,
        "hands on what applications send without redaction",
        "add the processors of processing/cleaning.ts after those that name",
      ),
    );
}

/** What must come before what in a pipeline. */
export const orderChecks = [outOfOrder, limiterFirst, redactedBeforeExport] as const;
