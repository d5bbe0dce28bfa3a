import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { alertmanager, prometheus } = metricNames;

const ruleGroup = "/etc/prometheus/rules/platform.yaml;collectors";
const failures = `${prometheus.ruleFailures}{pod="prometheus-0",rule_group="${ruleGroup}"}`;
const member = {
  job: "alertmanager",
  instance: "alertmanager-0",
  namespace: "sightline",
  pod: "alertmanager-0",
};
const members = `${alertmanager.clusterMembers}{job="alertmanager",instance="alertmanager-0",namespace="sightline",pod="alertmanager-0"}`;

function atAlertmanager(metric: string, ordinal: number): string {
  return `${metric}{pod="prometheus-0",alertmanager="http://alertmanager-${ordinal}:9093"}`;
}

function webhook(metric: string, reason = ""): string {
  return `${metric}{pod="alertmanager-0",integration="webhook"${reason}}`;
}

const works = {
  labels: {},
  summary: "Alerting works",
  description:
    "This alert always fires. Its receiver raises the alarm when it stops coming, since then no other alert comes either.",
};

export const alertingTests = {
  Watchdog: {
    fires: { series: { up: "1x5" }, atMinute: 0, alerts: [works] },
    holds: "alwaysFires",
    dataMissing: { series: {}, atMinute: 5, alerts: [works] },
  },
  PrometheusRuleFailing: {
    fires: {
      series: { [failures]: "0x2 1+1x20" },
      atMinute: 8,
      alerts: [
        {
          labels: { pod: "prometheus-0", rule_group: ruleGroup },
          summary: `prometheus-0 cannot evaluate rules of ${ruleGroup}`,
          description: `5 evaluations of ${ruleGroup} failed on prometheus-0. The alerts of that group may be missing.`,
        },
      ],
    },
    holds: quiet(8, { [failures]: "0x2 1x20" }),
    dataMissing: quiet(8, {}),
  },
  AlertsNotDelivered: {
    fires: {
      series: {
        [atAlertmanager(prometheus.alertsSent, 0)]: "0+60x30",
        [atAlertmanager(prometheus.alertErrors, 0)]: "0+60x30",
        [atAlertmanager(prometheus.alertsSent, 1)]: "0+60x30",
        [atAlertmanager(prometheus.alertErrors, 1)]: "0+2x30",
      },
      atMinute: 6,
      alerts: [
        {
          labels: { pod: "prometheus-0" },
          summary: "prometheus-0 reaches no Alertmanager reliably",
          description:
            "3.333% of the alerts of prometheus-0 fail even at the Alertmanager that takes the most.",
        },
      ],
    },
    // One takes nothing, the other nearly everything: told all the same.
    holds: quiet(20, {
      [atAlertmanager(prometheus.alertsSent, 0)]: "0+60x30",
      [atAlertmanager(prometheus.alertErrors, 0)]: "0+60x30",
      [atAlertmanager(prometheus.alertsSent, 1)]: "0+60x30",
      [atAlertmanager(prometheus.alertErrors, 1)]: "0+1.7x30",
    }),
    dataMissing: quiet(20, { [atAlertmanager(prometheus.alertErrors, 0)]: "0+60x30" }),
  },
  AlertmanagerNotificationsFailing: {
    fires: {
      series: {
        [webhook(alertmanager.notifications)]: "0+60x30",
        [webhook(alertmanager.notificationsFailed, ',reason="serverError"')]: "0+0.4x30",
        [webhook(alertmanager.notificationsFailed, ',reason="other"')]: "0+0.25x30",
      },
      atMinute: 6,
      alerts: [
        {
          labels: { pod: "alertmanager-0", integration: "webhook" },
          summary: "alertmanager-0 cannot tell anybody through webhook",
          description: "1.083% of the notifications of alertmanager-0 through webhook fail.",
        },
      ],
    },
    holds: quiet(20, {
      [webhook(alertmanager.notifications)]: "0+60x30",
      [webhook(alertmanager.notificationsFailed, ',reason="serverError"')]: "0+0.5x30",
    }),
    // Nothing was sent, so nothing failed.
    dataMissing: quiet(20, { [webhook(alertmanager.notifications)]: "0x30" }),
  },
  AlertmanagerClusterDisagrees: {
    fires: {
      series: { [members]: "3x2 2x30" },
      atMinute: 18,
      alerts: [
        {
          labels: member,
          summary: "alertmanager-0 sees 2 of 3 Alertmanagers",
          description:
            "alertmanager-0 has 2 members in its cluster instead of 3. Alertmanagers that do not see each other tell each alert more than once, and forget silences.",
        },
      ],
    },
    holds: quiet(18, { [members]: "3x2 2x14 3x5" }),
    dataMissing: quiet(18, {}),
  },
} as const satisfies RuleTests;
