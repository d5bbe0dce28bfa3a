import type { types } from "@pulumi/kubernetes";
import type { Settings } from "../config/settings.ts";
import { imageReference } from "../config/versions.ts";
import { resourceRequirements } from "./quantities.ts";
import { folderGivingContainer } from "./security.ts";

/** A folder of the node, as a pod mounts it, that a user other than root is to write to. */
export interface NodeFolder {
  readonly volume: string;
  readonly path: string;
  readonly uid: number;
}

const size = { cpuRequestMillicores: 10, cpuLimitMillicores: 200, memoryMiB: 32 };

/** Gives the folder to the user, once: the kubelet makes it root's. Nobody else may look into it from then on. */
export function giveNodeFolder(
  { volume, path, uid }: NodeFolder,
  source: Settings["images"],
): types.input.core.v1.Container {
  // Without another capability root may change the mode only while the folder is its own.
  const give = `[ "$(stat -c %u "${path}")" = ${uid} ] || { chmod 0700 "${path}" && chown ${uid}:0 "${path}"; }`;
  return {
    name: "give-folder",
    image: imageReference("busybox", source.registry),
    imagePullPolicy: source.pullPolicy,
    command: ["sh", "-c", give],
    resources: resourceRequirements(size),
    securityContext: folderGivingContainer,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [{ name: volume, mountPath: path }],
  };
}
