import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { kubeClient, KubeError, type KubeClient, type KubeObject } from "./kube-client.ts";
import { layoutOf, type ClusterLayout } from "./layout.ts";
import { nodeName } from "./cluster.ts";

/** The name that the storage class names. */
export const provisionerName = "sightline.dev/directory";

const provisionedBy = "pv.kubernetes.io/provisioned-by";
/** A watch ends by itself after this long, and everything is looked at again. */
const watchSeconds = 60;
const retrySeconds = 1;

export interface Claim extends KubeObject {
  readonly spec: {
    readonly storageClassName?: string;
    readonly accessModes: readonly string[];
    readonly volumeMode?: string;
    readonly volumeName?: string;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
  readonly status?: { readonly phase?: string };
}

export interface Volume extends KubeObject {
  readonly spec: {
    readonly persistentVolumeReclaimPolicy: string;
    readonly local?: { readonly path: string };
  };
  readonly status?: { readonly phase?: string };
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
}

/** The volumes to make and to remove, by what is asked for and what is there. */
export function planVolumes(
  claims: readonly Claim[],
  volumes: readonly Volume[],
  classes: readonly StorageClass[],
): { create: { claim: Claim; reclaimPolicy: string }[]; remove: Volume[] } {
  const ours = new Map(
    classes
      .filter(({ provisioner }) => provisioner === provisionerName)
      .map((storageClass) => [storageClass.metadata.name, storageClass]),
  );
  const existing = new Set(volumes.map(({ metadata }) => metadata.name));
  return {
    create: claims.flatMap((claim) => {
      const storageClass = ours.get(claim.spec.storageClassName ?? "");
      const isOpen = claim.status?.phase === "Pending" && claim.spec.volumeName === undefined;
      if (storageClass === undefined || !isOpen || existing.has(volumeName(claim))) return [];
      if (claim.spec.volumeMode === "Block") return [];
      return [{ claim, reclaimPolicy: storageClass.reclaimPolicy ?? "Delete" }];
    }),
    remove: volumes.filter(
      (volume) =>
        volume.metadata.annotations?.[provisionedBy] === provisionerName &&
        volume.status?.phase === "Released" &&
        volume.spec.persistentVolumeReclaimPolicy === "Delete",
    ),
  };
}

/**
 * A volume for a claim. It is a `local` one, not a `hostPath`: for these the kubelet applies a pod's
 * fsGroup, as it does for a cloud's disks.
 */
export function volumeFor(claim: Claim, directory: string, reclaimPolicy: string) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeName(claim),
      annotations: { [provisionedBy]: provisionerName },
    },
    spec: {
      capacity: { storage: claim.spec.resources.requests.storage },
      accessModes: claim.spec.accessModes,
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: claim.spec.storageClassName,
      volumeMode: "Filesystem",
      local: { path: directory },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] },
              ],
            },
          ],
        },
      },
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: claim.metadata.namespace,
        name: claim.metadata.name,
        uid: claim.metadata.uid,
      },
    },
  };
}

/** Written whenever everything was looked at, so that a hung provisioner can be told from a working one. */
export function heartbeatFile(layout: ClusterLayout): string {
  return join(layout.run, "volume-provisioner.alive");
}

/** Older than this, the heartbeat is one of a hung or dead provisioner. */
export const heartbeatSeconds = 150;

function volumeName(claim: Claim): string {
  return `pvc-${claim.metadata.uid ?? ""}`;
}

/** Brings the volumes to what is asked for, once. */
async function reconcile(client: KubeClient, layout: ClusterLayout): Promise<void> {
  const [claims, volumes, classes] = await Promise.all([
    client.get<{ items: Claim[] }>("/api/v1/persistentvolumeclaims"),
    client.get<{ items: Volume[] }>("/api/v1/persistentvolumes"),
    client.get<{ items: StorageClass[] }>("/apis/storage.k8s.io/v1/storageclasses"),
  ]);
  const plan = planVolumes(claims.items, volumes.items, classes.items);
  for (const { claim, reclaimPolicy } of plan.create) {
    const directory = join(layout.volumes, volumeName(claim));
    mkdirSync(directory, { recursive: true });
    // Pods of any user may write, with or without an fsGroup; mkdir's own mode is cut by the umask.
    chmodSync(directory, 0o777);
    await client.send(
      "POST",
      "/api/v1/persistentvolumes",
      volumeFor(claim, directory, reclaimPolicy),
    );
    say(`made ${directory} for ${claim.metadata.namespace ?? ""}/${claim.metadata.name}`);
  }
  for (const volume of plan.remove) {
    const directory = join(layout.volumes, basename(volume.metadata.name));
    // A volume that points elsewhere was not made here, whatever its annotation says.
    if (volume.spec.local?.path !== directory) continue;
    rmSync(directory, { recursive: true, force: true });
    await client.send("DELETE", `/api/v1/persistentvolumes/${volume.metadata.name}`);
    say(`removed ${directory}`);
  }
}

/** Looks at everything at each change, at least once a minute; errors are said and tried again. */
async function provision(stateDir: string, server: string): Promise<void> {
  const layout = layoutOf(stateDir);
  // Only root passes here: the volumes themselves are open to every user of a pod.
  mkdirSync(layout.volumes, { recursive: true, mode: 0o700 });
  chmodSync(layout.volumes, 0o700);
  rmSync(heartbeatFile(layout), { force: true });
  const client = kubeClient(layout, server, "provisioner");
  let wakeUp: () => void = () => undefined;
  const watchForever = async (path: string): Promise<void> => {
    for (;;) {
      const url = `${path}?watch=true&timeoutSeconds=${watchSeconds}`;
      await client
        .watch(
          url,
          () => {
            wakeUp();
          },
          AbortSignal.timeout((watchSeconds + 30) * 1000),
        )
        .catch(() => wait(retrySeconds * 1000));
      wakeUp();
    }
  };
  void watchForever("/api/v1/persistentvolumeclaims");
  void watchForever("/api/v1/persistentvolumes");
  for (;;) {
    const changed = new Promise<void>((resolve) => (wakeUp = resolve));
    try {
      await reconcile(client, layout);
      writeFileSync(heartbeatFile(layout), "");
      await changed;
    } catch (error) {
      // Somebody else changed or removed the object first: the next look shows it.
      const isRace = error instanceof KubeError && (error.status === 409 || error.status === 404);
      if (!isRace) say(error instanceof Error ? error.message : String(error));
      await wait(retrySeconds * 1000);
    }
  }
}

function say(text: string): void {
  console.log(`${new Date().toISOString()} ${text}`);
}

if (process.argv[1] === import.meta.filename) {
  const [stateDir, server] = process.argv.slice(2);
  if (stateDir === undefined || server === undefined) {
    throw new Error("usage: volume-provisioner.ts <state directory> <API server URL>");
  }
  await provision(stateDir, server);
}
