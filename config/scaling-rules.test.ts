import { scalingRules } from "./scaling-rules.ts";
import { gateway, testRules } from "./rule-rows.ts";

testRules(scalingRules, [
  {
    rule: "drain-outlasts-connections",
    // 66 s until the last connection is 60 s old, and 35 s to see that nothing follows.
    passes: gateway({ drainSeconds: 101 }),
    fails: gateway({ drainSeconds: 100 }),
    message:
      "platform.collector.gateway.drainSeconds is 100, too short: senders keep a connection for up to connectionAgeSeconds 60 (default) and a tenth more, and empty queues must be seen for 35 s after that. Fix: raise it to 101 or more, lower connectionAgeSeconds, or set it to 0 for no draining.",
  },
  {
    rule: "queue-fill-scales",
    passes: gateway({ autoscaling: { queueFillPercent: 50 } }),
    fails: gateway({ autoscaling: { queueFillPercent: 50 }, replicas: { min: 3, max: 3 } }),
    message:
      "platform.collector.gateway.autoscaling.queueFillPercent is 50, but replicas.min and replicas.max are both 3: nothing is scaled. Fix: raise replicas.max, or remove it.",
  },
]);
