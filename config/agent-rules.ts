import { limiterInContainer } from "./capacity-rules.ts";
import type { ConfigIssue } from "./issue.ts";
import { collectorSignals } from "./metric-names.ts";
import { agentDiskNeededBytes } from "./queues.ts";
import { ordered, type Facts, type Rule } from "./rule.ts";
import { bytesPerMiB } from "./units.ts";

const agent = "platform.collector.agent";
const gateway = "platform.collector.gateway";

function queuesFitDisk({ settings, shown }: Facts): ConfigIssue[] {
  const { maxRecords, diskMiB } = settings.collector.agent.queue;
  const queues = collectorSignals.length;
  const bytes = agentDiskNeededBytes(settings);
  const neededMiB = Math.ceil(bytes / bytesPerMiB);
  if (neededMiB <= diskMiB) return [];
  const fitting = Math.floor((maxRecords * diskMiB * bytesPerMiB) / bytes);
  const path = `${agent}.queue.diskMiB`;
  const problem = `is ${shown(path)}, too little for ${queues} full queues (${collectorSignals.join(", ")}) of queue.maxRecords ${shown(`${agent}.queue.maxRecords`)} × gateway.queue.recordBytes ${shown(`${gateway}.queue.recordBytes`)}, with a fifth for the queue's database and a fifth free`;
  const fix = `raise it to ${neededMiB} or more, or lower queue.maxRecords to ${fitting} or less`;
  return [{ path, problem, fix }];
}

/** What must fit into what on each node. */
export const agentRules: readonly Rule[] = [
  {
    name: "agent-limiter-in-container",
    why: "Above Go's own limit the agent only collects garbage, and never comes to refuse.",
    check: limiterInContainer(agent, "memoryLimitMiB", ""),
  },
  ordered({
    name: "batch-in-agents-queues",
    why: "A batch that the queue cannot hold never fills; the collector does not start.",
    lower: `${gateway}.batch.maxRecords`,
    upper: `${agent}.queue.maxRecords`,
  }),
  {
    name: "agent-queues-fit-disk",
    why: "A node's disk is everybody's: a full one evicts pods.",
    check: queuesFitDisk,
  },
];
