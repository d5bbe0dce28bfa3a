import type { DashboardUid } from "../config/dashboard-uids.ts";

/** critical wakes somebody, warning goes to the work queue, info is context for the others. */
export type Severity = "critical" | "warning" | "info";

/** Rules of one group are evaluated one after the other, groups side by side. */
export type AlertGroup =
  "alerting" | "availability" | "backends" | "balancer" | "collectors" | "fan-out" | "volumes";

/** What is written of a rule. Its name is its key; runbook and dashboard link are added by code. */
export interface AlertRuleBody {
  readonly expr: string;
  readonly forSeconds: number;
  readonly severity: Severity;
  /** One line, with the labels that say where. */
  readonly summary: string;
  /** What it means for the reader, with the value. */
  readonly description: string;
  readonly dashboardUid?: DashboardUid;
  /** Rules that say less about the same cause: they are kept quiet while this one fires with the same labels. */
  readonly supersedes?: readonly Superseded[];
}

export interface Superseded {
  readonly rule: string;
  readonly equal: readonly string[];
}

export interface AlertRule extends AlertRuleBody {
  readonly name: string;
  readonly group: AlertGroup;
  /** Path of its page in this project. */
  readonly runbook: string;
}

/** Rules by name; undefined where a stack has nothing that the rule could watch. */
export type RuleSet = Readonly<Record<string, AlertRuleBody | undefined>>;

/** A rule's page in the folder of runbooks. */
export function runbookFile(name: string): string {
  return `${name}.md`;
}

/** Path of a rule's runbook page, from the project's root. */
export function runbookPath(name: string): string {
  return `docs/runbooks/${runbookFile(name)}`;
}
