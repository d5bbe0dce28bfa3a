import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { secretVariable, type Target } from "../config/fan-out.ts";
import { collectorMounts } from "../config/mounts.ts";
import type { PlatformSecrets } from "../config/platform-secrets.ts";
import { mibPerGiB } from "../config/units.ts";
import { slowSecretChecksum } from "./secrets.ts";
import { scratchVolume, volumeClaimTemplate } from "./volumes.ts";

/** Name of the Secret with what the targets ask for. */
export const fanOutSecretName = "gateway-fan-out";

const checksumAnnotation = "sightline.dev/fan-out-secrets-checksum";

type FanOutSecrets = NonNullable<PlatformSecrets["fanOut"]>;

/** The variables that the collector's configuration reads secrets from, and those that AWS's client looks at. */
export function fanOutEnv(
  targets: readonly Target[],
  secrets: FanOutSecrets,
): types.input.core.v1.EnvVar[] {
  const store = targets.find((target) => target.kind === "s3")?.settings;
  const keys = {
    AWS_ACCESS_KEY_ID: store?.accessKeySecret,
    AWS_SECRET_ACCESS_KEY: store?.secretKeySecret,
  };
  return [
    ...Object.keys(secrets).map((name) => fromSecret(secretVariable(name), name)),
    ...Object.entries(keys).flatMap(([variable, name]) =>
      name === undefined ? [] : [fromSecret(variable, name)],
    ),
  ];
}

function fromSecret(variable: string, key: string): types.input.core.v1.EnvVar {
  return { name: variable, valueFrom: { secretKeyRef: { name: fanOutSecretName, key } } };
}

/** Rolls the pods when a secret changes: variables are read at a start only. */
export function fanOutAnnotations(secrets: FanOutSecrets): Record<string, Input<string>> {
  // A password that a person has chosen may be among them.
  return Object.keys(secrets).length === 0
    ? {}
    : { [checksumAnnotation]: slowSecretChecksum(secrets) };
}

interface FileVolumes {
  readonly mounts: types.input.core.v1.VolumeMount[];
  /** Of a replica whose volumes wait for it. */
  readonly claims: types.input.core.v1.PersistentVolumeClaim[];
  /** Of a replica without. */
  readonly scratch: types.input.core.v1.Volume[];
}

/** A volume for each file target: the files of one that is too large for its volume take no room from the others or the queues. */
export function fileVolumes(
  targets: readonly Target[],
  workload: string,
  storageClass: string | undefined,
): FileVolumes {
  const files = targets.filter((target) => target.kind === "file");
  const volume = (name: string) => `file-${name}`;
  return {
    mounts: files.map(({ name }) => ({
      name: volume(name),
      mountPath: `${collectorMounts.files}/${name}`,
    })),
    claims: files.map(({ name, settings }) =>
      volumeClaimTemplate(volume(name), workload, settings.volumeGiB, storageClass),
    ),
    scratch: files.map(({ name, settings }) =>
      scratchVolume(volume(name), settings.volumeGiB * mibPerGiB),
    ),
  };
}
