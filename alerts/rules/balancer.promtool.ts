import { metricNames } from "../../config/metric-names.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { balancer } = metricNames;

const pod = { job: "balancer", instance: "balancer-0", namespace: "sightline", pod: "balancer-0" };
const proxy = "gateways-public-http";

function series(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries({ ...pod, ...labels }).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(",")}}`;
}

const active = series(balancer.activeServers, { proxy });
/** Places that answer requests themselves have no server, and need none. */
const refusing = series(balancer.activeServers, { proxy: "refused-origin" });
const down = (server: number) =>
  series(balancer.serverStatus, { proxy, server: `gateway-${server}`, state: "DOWN" });
const connections = series(balancer.connections);
const most = series(balancer.maxConnections);
const tooFast = series(balancer.denied, { proxy: "refused-too-fast" });
const wrongOrigin = series(balancer.denied, { proxy: "refused-origin" });

export const balancerTests = {
  BalancerWithoutGateways: {
    fires: {
      series: { [active]: "3x2 0x20", [refusing]: "0x30" },
      atMinute: 4,
      alerts: [
        {
          labels: { ...pod, proxy },
          summary: "balancer-0 has no gateway for gateways-public-http",
          description:
            "balancer-0 counts 0 gateways behind gateways-public-http: senders outside the cluster are answered 503, and lose what they cannot hold.",
        },
      ],
    },
    holds: quiet(20, { [active]: "1x30", [refusing]: "0x30" }),
    dataMissing: quiet(20, {}),
  },
  BalancerGatewaysDown: {
    fires: {
      series: { [down(1)]: "0x2 1x20", [down(2)]: "0x2 1x20", [down(3)]: "0x30" },
      atMinute: 8,
      alerts: [
        {
          labels: { pod: "balancer-0", proxy },
          summary: "balancer-0 finds gateways of gateways-public-http down",
          description:
            "balancer-0 finds 2 gateways of gateways-public-http that the cluster calls ready, and that do not answer it. The others carry their share.",
        },
      ],
    },
    // One that is rolled is away for less.
    holds: quiet(8, { [down(1)]: "0x2 1x3 0x20", [down(2)]: "0x30" }),
    dataMissing: quiet(20, {}),
  },
  BalancerConnectionsAtLimit: {
    fires: {
      series: { [most]: "10000x30", [connections]: "500x2 8100x30" },
      atMinute: 5,
      alerts: [
        {
          labels: pod,
          summary: "balancer-0 is running out of connections",
          description:
            "balancer-0 holds 81% of the connections that it may. At the limit, new senders wait until another one leaves.",
        },
      ],
    },
    holds: quiet(20, { [most]: "10000x30", [connections]: "8000x30" }),
    dataMissing: quiet(20, { [most]: "10000x30" }),
  },
  BalancerRefusingTooFast: {
    fires: {
      series: { [tooFast]: "0x2 60+60x20" },
      atMinute: 8,
      alerts: [
        {
          labels: { pod: "balancer-0" },
          summary: "balancer-0 answers senders 429",
          description:
            "balancer-0 refused 300 requests within 5 min, since their token or address had more than its rate. They send them again for some minutes, then lose them.",
        },
      ],
    },
    // A burst that was sent again since, and pages that may not send at all.
    holds: quiet(8, { [tooFast]: "0x2 600x20", [wrongOrigin]: "0+60x30" }),
    dataMissing: quiet(8, {}),
  },
} as const satisfies RuleTests;
