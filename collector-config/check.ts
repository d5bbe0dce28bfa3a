import { ConfigError, type ConfigIssue } from "../config/issue.ts";
import { arithmeticChecks } from "./check-arithmetic.ts";
import { orderChecks } from "./check-order.ts";
import { wiringChecks } from "./check-wiring.ts";
import type { CollectorConfig } from "./model.ts";

const checks: readonly ((config: CollectorConfig) => ConfigIssue[])[] = [
  ...wiringChecks,
  ...orderChecks,
  ...arithmeticChecks,
];

/** Throws one error with everything about a collector's configuration that does not hold together. */
export function checkCollectorConfig(config: CollectorConfig): void {
  const issues = checks.flatMap((check) => check(config));
  if (issues.length > 0) throw new ConfigError(`collector ${config.role}`, issues);
}
