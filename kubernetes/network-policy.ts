import type { types } from "@pulumi/kubernetes";
import type { Workload } from "../config/ports.ts";
import { externals, type Edge, type EdgePort, type Party } from "../config/topology.ts";
import { selectorLabels } from "./labels.ts";

type PolicyPeer = types.input.networking.v1.NetworkPolicyPeer;
type PolicyPort = types.input.networking.v1.NetworkPolicyPort;

/** The policy of one workload: only what the edges draw is let in and out. */
export function networkPolicySpec(
  workload: Workload,
  edges: readonly Edge[],
): types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: selectorLabels(workload) },
    policyTypes: ["Ingress", "Egress"],
    ingress: edges
      .filter((edge) => edge.to === workload)
      .map((edge) => rule("from", edge.from, edge.ports)),
    egress: edges
      .filter((edge) => edge.from === workload)
      .map((edge) => rule("to", edge.to, edge.ports)),
  };
}

function rule(side: "from" | "to", party: Party, edgePorts: readonly EdgePort[]) {
  const peers = policyPeers(party);
  const ports = edgePorts.map(policyPort);
  // A rule without peers means anyone; an empty list would mean the same and read like nobody.
  return peers === undefined ? { ports } : { [side]: peers, ports };
}

function policyPeers(party: Party): PolicyPeer[] | undefined {
  if (!(party in externals)) {
    return [{ podSelector: { matchLabels: selectorLabels(party) } }];
  }
  const { peer } = externals[party as keyof typeof externals];
  return peer === "anyPod" ? [{ namespaceSelector: {} }] : undefined;
}

function policyPort({ number, protocol }: EdgePort): PolicyPort {
  return number === undefined ? { protocol } : { protocol, port: number };
}
