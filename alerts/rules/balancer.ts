import { balancerProxies, hasBalancer } from "../../config/balancing.ts";
import { metricNames } from "../../config/metric-names.ts";
import type { Settings } from "../../config/settings.ts";
import type { RuleSet } from "../rule.ts";
import { holdSeconds, rateSeconds, thresholds } from "../thresholds.ts";

const { balancer } = metricNames;
const toGateways = `proxy=~"${balancerProxies.gateways}.*"`;
const tooFast = `${balancer.denied}{proxy="${balancerProxies.tooFast}"}`;

/** The door for senders outside: whom it leads to, and whom it turns away. */
export function balancerRules(settings: Settings) {
  return hasBalancer(settings) ? rules(rateSeconds(settings)) : none;
}

const none = {
  BalancerWithoutGateways: undefined,
  BalancerGatewaysDown: undefined,
  BalancerConnectionsAtLimit: undefined,
  BalancerRefusingTooFast: undefined,
} as const;

function rules(window: number) {
  return {
    BalancerWithoutGateways: {
      expr: `${balancer.activeServers}{${toGateways}} == 0`,
      forSeconds: holdSeconds.withoutGateways,
      severity: "critical",
      summary: "{{ $labels.pod }} has no gateway for {{ $labels.proxy }}",
      description:
        "{{ $labels.pod }} counts {{ $value }} gateways behind {{ $labels.proxy }}: senders outside the cluster are answered 503, and lose what they cannot hold.",
      dashboardUid: "platform-overview",
      supersedes: [{ rule: "BalancerGatewaysDown", equal: ["pod", "proxy"] }],
    },
    BalancerGatewaysDown: {
      expr: `sum by (pod, proxy) (${balancer.serverStatus}{${toGateways},state="DOWN"}) > 0`,
      forSeconds: holdSeconds.gatewaysDown,
      severity: "warning",
      summary: "{{ $labels.pod }} finds gateways of {{ $labels.proxy }} down",
      description:
        "{{ $labels.pod }} finds {{ $value }} gateways of {{ $labels.proxy }} that the cluster calls ready, and that do not answer it. The others carry their share.",
      dashboardUid: "platform-overview",
    },
    BalancerConnectionsAtLimit: {
      expr: `${balancer.connections} / ${balancer.maxConnections} > ${thresholds.connectionsPercent / 100}`,
      forSeconds: holdSeconds.connections,
      severity: "warning",
      summary: "{{ $labels.pod }} is running out of connections",
      description:
        "{{ $labels.pod }} holds {{ $value | humanizePercentage }} of the connections that it may. At the limit, new senders wait until another one leaves.",
      dashboardUid: "platform-overview",
    },
    BalancerRefusingTooFast: {
      expr: `sum by (pod) (increase(${tooFast}[${window}s])) > 0`,
      forSeconds: holdSeconds.refusing,
      severity: "warning",
      summary: "{{ $labels.pod }} answers senders 429",
      description: `{{ $labels.pod }} refused {{ $value | humanize }} requests within ${window / 60} min, since their token or address had more than its rate. They send them again for some minutes, then lose them.`,
      dashboardUid: "platform-overview",
    },
  } as const satisfies RuleSet;
}
