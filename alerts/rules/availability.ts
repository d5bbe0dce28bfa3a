import { metricNames } from "../../config/metric-names.ts";
import type { Settings } from "../../config/settings.ts";
import { deployedWorkloads } from "../../config/topology.ts";
import type { RuleSet } from "../rule.ts";
import { holdSeconds } from "../thresholds.ts";

const { up } = metricNames.scrape;

/** Also true for a workload that discovery no longer lists at all, which `up == 0` never is. */
function nothingAnswers(settings: Settings): string {
  return deployedWorkloads(settings)
    .map((job) => `label_replace(absent(${up}{job="${job}"} == 1), "job", "${job}", "", "")`)
    .join(" or ");
}

/** Each node has an agent. The kubelet tells which nodes there are, and which of them live. */
const agentMissing = `${up}{job="kubelet"} == 1 unless on (node) ${up}{job="agent"} == 1`;

/** Whether the parts of the platform, and what it scrapes, are there at all. */
export function availabilityRules(settings: Settings) {
  return {
    TargetDown: {
      expr: `${up} == 0`,
      forSeconds: holdSeconds.targetDown,
      severity: "warning",
      summary: "{{ $labels.job }} at {{ $labels.instance }} cannot be scraped",
      description:
        "Prometheus has not been able to read the metrics of {{ $labels.job }} at {{ $labels.instance }}. Its own alerts are blind meanwhile.",
      dashboardUid: "platform-overview",
    },
    WorkloadDown: {
      expr: nothingAnswers(settings),
      forSeconds: holdSeconds.workloadDown,
      severity: "critical",
      summary: "No replica of {{ $labels.job }} answers",
      description:
        "Every replica of {{ $labels.job }} is down, unreachable or not deployed. What it does for the platform is not done.",
      dashboardUid: "platform-overview",
      supersedes: [{ rule: "TargetDown", equal: ["job"] }],
    },
    AgentMissing: {
      expr: agentMissing,
      forSeconds: holdSeconds.targetDown,
      severity: "critical",
      summary: "Node {{ $labels.node }} has no agent",
      description:
        "No agent answers on {{ $labels.node }}. What its pods send is refused, and what they print is read only once an agent is back.",
      dashboardUid: "platform-overview",
    },
  } as const satisfies RuleSet;
}
