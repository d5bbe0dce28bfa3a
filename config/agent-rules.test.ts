import { agentRules } from "./agent-rules.ts";
import { agent, testRules } from "./rule-rows.ts";

testRules(agentRules, [
  {
    rule: "agent-limiter-in-container",
    passes: agent({ memoryLimitMiB: 409 }),
    fails: agent({ memoryLimitMiB: 410 }),
    message:
      "platform.collector.agent.resources.memoryMiB is 512 (default), of which Go may use 409, below memoryLimitMiB 410. Fix: raise it to 513 or more, or lower memoryLimitMiB to 409 or less.",
  },
  {
    rule: "batch-in-agents-queues",
    passes: agent({ queue: { maxRecords: 1_000 } }),
    fails: agent({ queue: { maxRecords: 999 } }),
    message:
      "platform.collector.agent.queue.maxRecords is 999, below collector.gateway.batch.maxRecords 1000 (default). Fix: raise it to 1000 or more, or lower collector.gateway.batch.maxRecords to 999 or less.",
  },
  {
    rule: "agent-queues-fit-disk",
    // 100 MiB × 80 % / (3 queues × 1024 bytes × 1.2)
    passes: agent({ queue: { maxRecords: 22_755, diskMiB: 100 } }),
    fails: agent({ queue: { maxRecords: 22_756, diskMiB: 100 } }),
    message:
      "platform.collector.agent.queue.diskMiB is 100, too little for 3 full queues (logs, traces, metrics) of queue.maxRecords 22756 × gateway.queue.recordBytes 1024 (default), with a fifth for the queue's database and a fifth free. Fix: raise it to 101 or more, or lower queue.maxRecords to 22755 or less.",
  },
]);
