import type { types } from "@pulumi/kubernetes";
import { output, type Input } from "@pulumi/pulumi";
import { namespaceNameLabel } from "../config/labels.ts";
import { namespaceOf, platformNamespaces } from "../config/namespaces.ts";
import type { Workload } from "../config/ports.ts";
import { externals, type Edge, type EdgePort, type Party } from "../config/topology.ts";
import { selectorLabels } from "./labels.ts";

type PolicyPeer = types.input.networking.v1.NetworkPolicyPeer;
type PolicyPort = types.input.networking.v1.NetworkPolicyPort;

/** The policy of one workload of the platform that lives in `namespace`: only what the edges draw is let in and out. */
export function networkPolicySpec(
  workload: Workload,
  edges: readonly Edge[],
  namespace: Input<string>,
): types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: selectorLabels(workload) },
    policyTypes: ["Ingress", "Egress"],
    ingress: edges
      .filter((edge) => edge.to === workload)
      .map((edge) => rule("from", policyPeers(workload, edge.from, namespace), edge.ports)),
    egress: edges
      .filter((edge) => edge.from === workload)
      .map((edge) => rule("to", policyPeers(workload, edge.to, namespace), edge.ports)),
  };
}

/** Of a whole namespace: a pod that no other policy names talks to nobody. */
export const nothingAllowed: types.input.networking.v1.NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ["Ingress", "Egress"],
};

function rule(
  side: "from" | "to",
  peers: PolicyPeer[] | undefined,
  edgePorts: readonly EdgePort[],
) {
  const ports = edgePorts.map(policyPort);
  // A rule without peers means anyone; an empty list would mean the same and read like nobody.
  return peers === undefined ? { ports } : { [side]: peers, ports };
}

function policyPeers(
  workload: Workload,
  party: Party,
  namespace: Input<string>,
): PolicyPeer[] | undefined {
  if (isWorkload(party)) {
    const pods = { podSelector: { matchLabels: selectorLabels(party) } };
    const apart = namespaceOf(party, "") !== namespaceOf(workload, "");
    return [apart ? { ...pods, namespaceSelector: only(namespaceOfPods(party, namespace)) } : pods];
  }
  const { peer } = externals[party];
  return peer === "podElsewhere" ? [{ namespaceSelector: allBut(namespace) }] : undefined;
}

function isWorkload(party: Party): party is Workload {
  return !(party in externals);
}

function namespaceOfPods(workload: Workload, namespace: Input<string>): Input<string> {
  return derived(namespace, (name) => namespaceOf(workload, name));
}

/** The platform's own pods are parties of their own: what is open to applications is not open to them. */
function allBut(namespace: Input<string>) {
  const values = derived(namespace, platformNamespaces);
  return { matchExpressions: [{ key: namespaceNameLabel, operator: "NotIn", values }] };
}

function only(namespace: Input<string>) {
  return { matchLabels: { [namespaceNameLabel]: namespace } };
}

/** A name that is known stays a plain string. */
function derived<T>(namespace: Input<string>, from: (name: string) => T) {
  return typeof namespace === "string" ? from(namespace) : output(namespace).apply(from);
}

function policyPort({ number, protocol }: EdgePort): PolicyPort {
  return number === undefined ? { protocol } : { protocol, port: number };
}
