import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import {
  collectorContainerName,
  collectorEnvironment,
  collectorFiles,
  collectorMounts,
  type PodVariable,
} from "../config/mounts.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { platformContainer, podFieldEnv } from "./container.ts";
import type { NamedPort } from "./ports.ts";
import type { ContainerSize } from "./quantities.ts";

/** Files of a collector's ConfigMap. */
export function collectorConfigFiles(config: string): Record<string, string> {
  return { [basename(collectorFiles.config)]: config };
}

/** What differs between the collectors' containers. */
export interface CollectorContainer {
  readonly workload: "agent" | "cluster" | "gateway" | "sampler";
  readonly images: Settings["images"];
  readonly size: ContainerSize;
  /** Beside those of health and metrics, which every collector has. */
  readonly ports: readonly NamedPort[];
  readonly startSeconds: number;
  /** Beside that of the configuration. */
  readonly mounts: readonly types.input.core.v1.VolumeMount[];
  readonly leaveSeconds?: number;
  /** Beside the pod's name, what its configuration reads. */
  readonly variables?: readonly PodVariable[];
  /** And what is no field of its pod. */
  readonly env?: readonly types.input.core.v1.EnvVar[];
  /** What to do instead of only letting that time pass. */
  readonly preStop?: types.input.core.v1.LifecycleHandler;
}

/** A collector that reads its configuration from the volume `config`. */
export function collectorContainer(collector: CollectorContainer): types.input.core.v1.Container {
  const { workload, mounts, startSeconds, variables = [], ...rest } = collector;
  const { health, metrics } = ports[workload];
  return platformContainer({
    ...rest,
    name: collectorContainerName,
    image: "collector",
    args: [`--config=${collectorFiles.config}`],
    env: [
      ...(["POD_NAME", ...variables] as const).map((name) =>
        podFieldEnv(name, collectorEnvironment[name]),
      ),
      ...(collector.env ?? []),
    ],
    ports: [
      ...collector.ports,
      { name: "health", number: health },
      { name: metricsPortNames.metricsOnly, number: metrics },
    ],
    probes: { port: health, readyPath: "/", livePath: "/", startSeconds },
    mounts: [{ name: "config", mountPath: collectorMounts.config, readOnly: true }, ...mounts],
  });
}
