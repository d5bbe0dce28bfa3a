import type { types } from "@pulumi/kubernetes";
import type { Protocol } from "../config/topology.ts";

/** A port that a workload listens on. Prometheus finds the platform's metrics by its name (`metricsPortNames`). */
export interface NamedPort {
  readonly name: string;
  readonly number: number;
  readonly protocol?: Protocol;
  /** For balancers that look into the protocol, such as `grpc`. */
  readonly appProtocol?: string;
}

export function containerPorts(ports: readonly NamedPort[]): types.input.core.v1.ContainerPort[] {
  return ports.map(({ name, number, protocol = "TCP" }) => ({
    name,
    containerPort: number,
    protocol,
  }));
}

export function servicePorts(ports: readonly NamedPort[]): types.input.core.v1.ServicePort[] {
  return ports.map(({ name, number, protocol = "TCP", appProtocol }) => ({
    name,
    port: number,
    targetPort: name,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));
}
