import type { Settings } from "../config/settings.ts";
import { toYaml } from "../config/yaml.ts";
import type { AlertRule } from "./rule.ts";
import { alertRules } from "./rules.ts";

/** Alertmanager needs a receiver even where a stack names nobody to tell; its alerts can still be looked at. */
const nobody = "nobody";
const webhooks = "webhooks";

/** How long Alertmanager waits for more of a group, for news of it, and before it tells the same again. */
const pace = {
  group: { group_wait: "30s", group_interval: "5m", repeat_interval: "12h" },
  critical: { group_wait: "10s", group_interval: "2m", repeat_interval: "4h" },
  /** A dead man's switch must hear often enough to notice the silence soon. */
  watchdog: { group_wait: "0s", group_interval: "1m", repeat_interval: "1m" },
} as const;

interface Receiver {
  readonly name: string;
  readonly webhook_configs?: readonly { readonly url: string; readonly send_resolved: boolean }[];
}

function receivers(settings: Settings): Receiver[] {
  const { webhooks: urls } = settings.alertmanager;
  if (urls.length === 0) return [{ name: nobody }];
  return [{ name: webhooks, webhook_configs: urls.map((url) => ({ url, send_resolved: true })) }];
}

function routes(receiver: string) {
  return [
    // Never grouped with anything and never resolved by routing: its silence is the alarm.
    { matchers: ['alertname="Watchdog"'], receiver, group_by: ["alertname"], ...pace.watchdog },
    { matchers: ['severity="critical"'], receiver, ...pace.critical },
  ];
}

/** One cause, one message: the rule that says more keeps quiet those that say less about the same thing. */
function inhibitions(rules: readonly AlertRule[]) {
  return rules.flatMap(({ name, supersedes }) =>
    (supersedes ?? []).map(({ rule, equal }) => ({
      source_matchers: [`alertname="${name}"`],
      target_matchers: [`alertname="${rule}"`],
      equal: [...equal],
    })),
  );
}

/** Alertmanager's configuration: who is told what, in which groups. */
export function renderRouting(settings: Settings): string {
  const told = receivers(settings);
  const receiver = settings.alertmanager.webhooks.length === 0 ? nobody : webhooks;
  return toYaml({
    route: {
      receiver,
      group_by: ["alertname", "job", "namespace"],
      ...pace.group,
      routes: routes(receiver),
    },
    inhibit_rules: inhibitions(alertRules(settings)),
    receivers: told,
  });
}
