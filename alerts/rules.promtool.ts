import type { RuleTests } from "./promtool.ts";
import type { AlertName } from "./rules.ts";
import { alertingTests } from "./rules/alerting.promtool.ts";
import { availabilityTests } from "./rules/availability.promtool.ts";
import { backendTests } from "./rules/backends.promtool.ts";
import { balancerTests } from "./rules/balancer.promtool.ts";
import { collectorTests } from "./rules/collectors.promtool.ts";
import { fanOutTests } from "./rules/fan-out.promtool.ts";
import { volumeTests } from "./rules/volumes.promtool.ts";

/** The tests of every rule. A rule without one does not compile. */
export const ruleTests = {
  ...alertingTests,
  ...availabilityTests,
  ...backendTests,
  ...balancerTests,
  ...collectorTests,
  ...fanOutTests,
  ...volumeTests,
} as const satisfies RuleTests & Record<AlertName, unknown>;
