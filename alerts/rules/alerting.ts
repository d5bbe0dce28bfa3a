import { metricNames } from "../../config/metric-names.ts";
import type { Settings } from "../../config/settings.ts";
import type { AlertRuleBody, RuleSet } from "../rule.ts";
import { holdSeconds, rateSeconds, thresholds } from "../thresholds.ts";

const { alertmanager, prometheus } = metricNames;

function clusterDisagrees(replicas: number): AlertRuleBody | undefined {
  if (replicas === 1) return undefined;
  return {
    expr: `${alertmanager.clusterMembers} < ${replicas}`,
    forSeconds: holdSeconds.clusterDisagrees,
    severity: "warning",
    summary: "{{ $labels.pod }} sees {{ $value }} of " + `${replicas} Alertmanagers`,
    description:
      "{{ $labels.pod }} has {{ $value }} members in its cluster instead of " +
      `${replicas}. Alertmanagers that do not see each other tell each alert more than once, and forget silences.`,
    dashboardUid: "platform-overview",
  };
}

/** Whether an alert would reach anybody. What these rules find may itself not arrive: the Watchdog's silence does. */
export function alertingRules(settings: Settings) {
  const rate = `${rateSeconds(settings)}s`;
  return {
    Watchdog: {
      expr: "vector(1)",
      forSeconds: 0,
      severity: "info",
      summary: "Alerting works",
      description:
        "This alert always fires. Its receiver raises the alarm when it stops coming, since then no other alert comes either.",
    },
    PrometheusRuleFailing: {
      expr: `sum by (pod, rule_group) (increase(${prometheus.ruleFailures}[${rate}])) > 0`,
      forSeconds: holdSeconds.ruleFailing,
      severity: "critical",
      summary: "{{ $labels.pod }} cannot evaluate rules of {{ $labels.rule_group }}",
      description:
        "{{ $value | humanize }} evaluations of {{ $labels.rule_group }} failed on {{ $labels.pod }}. The alerts of that group may be missing.",
      dashboardUid: "platform-overview",
    },
    AlertsNotDelivered: {
      // The least failing Alertmanager decides: one that takes every alert is enough.
      expr:
        `min by (pod) (rate(${prometheus.alertErrors}[${rate}]) / rate(${prometheus.alertsSent}[${rate}]))` +
        ` > ${thresholds.alertsUndeliveredPercent / 100}`,
      forSeconds: holdSeconds.undelivered,
      severity: "critical",
      summary: "{{ $labels.pod }} reaches no Alertmanager reliably",
      description:
        "{{ $value | humanizePercentage }} of the alerts of {{ $labels.pod }} fail even at the Alertmanager that takes the most.",
      dashboardUid: "platform-overview",
    },
    AlertmanagerNotificationsFailing: {
      expr:
        `sum by (pod, integration) (rate(${alertmanager.notificationsFailed}[${rate}]))` +
        ` / sum by (pod, integration) (rate(${alertmanager.notifications}[${rate}]))` +
        ` > ${thresholds.notificationsFailingPercent / 100}`,
      forSeconds: holdSeconds.undelivered,
      severity: "critical",
      summary: "{{ $labels.pod }} cannot tell anybody through {{ $labels.integration }}",
      description:
        "{{ $value | humanizePercentage }} of the notifications of {{ $labels.pod }} through {{ $labels.integration }} fail.",
      dashboardUid: "platform-overview",
    },
    AlertmanagerClusterDisagrees: clusterDisagrees(settings.alertmanager.replicas),
  } as const satisfies RuleSet;
}
