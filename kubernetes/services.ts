import type { types } from "@pulumi/kubernetes";
import { selectorLabels } from "./labels.ts";
import { servicePorts, type NamedPort } from "./ports.ts";

/**
 * Annotations of every Service: Pulumi would otherwise wait ten minutes for its endpoints, long after the workload
 * behind it, which is waited for, has failed.
 */
export const serviceAnnotations: Readonly<Record<string, string>> = {
  "pulumi.com/skipAwait": "true",
};

/** One address for all ready replicas. */
export function serviceSpec(
  workload: string,
  ports: readonly NamedPort[],
): types.input.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    selector: selectorLabels(workload),
    ports: servicePorts(ports),
  };
}

/** One address on every node for the replica of that node. Nothing that is sent to it leaves the node. */
export function nodeLocalServiceSpec(
  workload: string,
  ports: readonly NamedPort[],
): types.input.core.v1.ServiceSpec {
  return { ...serviceSpec(workload, ports), internalTrafficPolicy: "Local" };
}

/** A name for each replica. `allReplicas` names also those that are not ready, as replicas need that look for each other. */
export function headlessServiceSpec(
  workload: string,
  ports: readonly NamedPort[],
  names: "readyReplicas" | "allReplicas",
): types.input.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    clusterIP: "None",
    selector: selectorLabels(workload),
    publishNotReadyAddresses: names === "allReplicas",
    ports: servicePorts(ports),
  };
}
