import type { types } from "@pulumi/kubernetes";
import { imageReference, type ImageName } from "../config/versions.ts";
import type { Settings } from "../config/settings.ts";
import { containerPorts, type NamedPort } from "./ports.ts";
import { httpProbes, type HttpProbes } from "./probes.ts";
import { goMemoryLimit, resourceRequirements, type ContainerSize } from "./quantities.ts";
import { restrictedContainer } from "./security.ts";

/** What one container of the platform needs said; everything else is the same for all. */
export interface PlatformContainer {
  readonly name: string;
  readonly image: ImageName;
  readonly images: Settings["images"];
  readonly size: ContainerSize;
  /** A `go` program is told its share of the memory. */
  readonly runtime?: "go" | "native";
  readonly args: readonly string[];
  readonly env?: readonly types.input.core.v1.EnvVar[];
  readonly ports: readonly NamedPort[];
  readonly probes: HttpProbes;
  readonly mounts: readonly types.input.core.v1.VolumeMount[];
  /** Seconds between leaving the Services and being told to stop, so that no new connection meets a closed port. */
  readonly leaveSeconds?: number;
  /** What to do instead of only letting that time pass. */
  readonly preStop?: types.input.core.v1.LifecycleHandler;
}

/** A container without privileges, with its share of the node, its probes and Go's memory limit. */
export function platformContainer(container: PlatformContainer): types.input.core.v1.Container {
  const { name, image, images, size } = container;
  const preStop = preStopOf(container);
  return {
    name,
    image: imageReference(image, images.registry),
    imagePullPolicy: images.pullPolicy,
    args: [...container.args],
    env: [
      ...(container.runtime === "native" ? [] : [goMemoryLimit(size)]),
      ...(container.env ?? []),
    ],
    ports: containerPorts(container.ports),
    resources: resourceRequirements(size),
    securityContext: restrictedContainer,
    ...httpProbes(container.probes),
    ...(preStop === undefined ? {} : { lifecycle: { preStop } }),
    // The last log lines of a container that died stand in the pod's status, and so in the message of `pulumi up`.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [...container.mounts],
  };
}

function preStopOf({
  preStop,
  leaveSeconds,
}: PlatformContainer): types.input.core.v1.LifecycleHandler | undefined {
  return preStop ?? (leaveSeconds === undefined ? undefined : { sleep: { seconds: leaveSeconds } });
}

/** A variable that holds a field of the pod, such as `status.podIP`. */
export function podFieldEnv(name: string, fieldPath: string): types.input.core.v1.EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
