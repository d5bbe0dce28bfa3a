import type { types } from "@pulumi/kubernetes";
import { goMemoryLimitMiB } from "../config/sizing.ts";

/** A container's share of the node, as settings say it. */
export interface ContainerSize {
  readonly cpuRequestMillicores: number;
  readonly cpuLimitMillicores: number;
  readonly memoryMiB: number;
}

export const mebibytes = (count: number): string => `${count}Mi`;
export const gibibytes = (count: number): string => `${count}Gi`;
const millicores = (count: number): string => `${count}m`;

/** Requests and limits of a container. Memory is requested whole: it cannot be taken back from a running process. */
export function resourceRequirements(
  size: ContainerSize,
): types.input.core.v1.ResourceRequirements {
  const memory = mebibytes(size.memoryMiB);
  return {
    requests: { cpu: millicores(size.cpuRequestMillicores), memory },
    limits: { cpu: millicores(size.cpuLimitMillicores), memory },
  };
}

/** GOMEMLIMIT, so that Go collects harder before the kernel kills the container. */
export function goMemoryLimit(size: ContainerSize): types.input.core.v1.EnvVar {
  return { name: "GOMEMLIMIT", value: `${goMemoryLimitMiB(size.memoryMiB)}MiB` };
}
