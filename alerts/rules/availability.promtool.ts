import { metricNames } from "../../config/metric-names.ts";
import { ports } from "../../config/ports.ts";
import { quiet, type RuleTests } from "../promtool.ts";

const { up } = metricNames.scrape;

function target(job: string, ordinal = 0): string {
  const pod = `${job}-${ordinal}`;
  return `${up}{job="${job}",instance="${pod}",namespace="sightline",pod="${pod}"}`;
}

const others = Object.fromEntries(
  Object.keys(ports)
    .filter((job) => job !== "gateway")
    .map((job) => [target(job), "1x60"]),
);

const kubelet = `${up}{job="kubelet",instance="node-1",node="node-1"}`;
const agent = `${up}{job="agent",instance="agent-x",namespace="sightline-agents",node="node-1",pod="agent-x"}`;
const elsewhere = agent.replace("node-1", "node-2");
const noAgent = {
  labels: { job: "kubelet", instance: "node-1", node: "node-1" },
  summary: "Node node-1 has no agent",
  description:
    "No agent answers on node-1. What its pods send is refused, and what they print is read only once an agent is back.",
};

const gatewayDown = {
  labels: { job: "gateway" },
  summary: "No replica of gateway answers",
  description:
    "Every replica of gateway is down, unreachable or not deployed. What it does for the platform is not done.",
};

export const availabilityTests = {
  TargetDown: {
    fires: {
      series: { [target("gateway", 1)]: "1x2 0x10" },
      atMinute: 8,
      alerts: [
        {
          labels: {
            job: "gateway",
            instance: "gateway-1",
            namespace: "sightline",
            pod: "gateway-1",
          },
          summary: "gateway at gateway-1 cannot be scraped",
          description:
            "Prometheus has not been able to read the metrics of gateway at gateway-1. Its own alerts are blind meanwhile.",
        },
      ],
    },
    holds: quiet(8, { [target("gateway", 1)]: "1x2 0x4 1x5" }),
    // A target that is no longer listed cannot be down; WorkloadDown sees when none is left.
    dataMissing: quiet(8, { [target("gateway", 1)]: "1x2 stale" }),
  },
  WorkloadDown: {
    fires: {
      series: { ...others, [target("gateway", 0)]: "1x2 0x20", [target("gateway", 1)]: "1x1 0x20" },
      atMinute: 5,
      alerts: [gatewayDown],
    },
    holds: quiet(10, {
      ...others,
      [target("gateway", 0)]: "1x2 0x20",
      [target("gateway", 1)]: "1x20",
    }),
    dataMissing: {
      series: { ...others, [target("gateway", 0)]: "1x2 stale" },
      atMinute: 5,
      alerts: [gatewayDown],
    },
  },
  AgentMissing: {
    fires: {
      series: { [kubelet]: "1x20", [agent]: "1x2 0x20", [elsewhere]: "1x20" },
      atMinute: 8,
      alerts: [noAgent],
    },
    holds: [
      quiet(20, { [kubelet]: "1x20", [agent]: "1x2 0x4 1x20" }),
      // A node that is away has no agent to miss.
      quiet(20, { [kubelet]: "0x20", [agent]: "0x20" }),
    ],
    // Also where the agent's pod is not there at all.
    dataMissing: { series: { [kubelet]: "1x20" }, atMinute: 6, alerts: [noAgent] },
  },
} as const satisfies RuleTests;
