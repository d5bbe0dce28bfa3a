import { describe, expect, it } from "vitest";
import {
  planVolumes,
  volumeFor,
  type Claim,
  type StorageClass,
  type Volume,
} from "./volume-provisioner.ts";

const storageClass: StorageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "sightline-local" },
  provisioner: "sightline.dev/directory",
  reclaimPolicy: "Delete",
};

function claim(more: Partial<Claim["spec"]> = {}, phase = "Pending"): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data-loki-0", namespace: "sightline", uid: "4711" },
    spec: {
      storageClassName: "sightline-local",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "5Gi" } },
      ...more,
    },
    status: { phase },
  };
}

function volume(more: { policy?: string; phase?: string; by?: string } = {}): Volume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: "pvc-4711",
      annotations: { "pv.kubernetes.io/provisioned-by": more.by ?? "sightline.dev/directory" },
    },
    spec: { persistentVolumeReclaimPolicy: more.policy ?? "Delete" },
    status: { phase: more.phase ?? "Released" },
  };
}

describe("volumes to make", () => {
  it("are those of open claims of our class", () => {
    expect(planVolumes([claim()], [], [storageClass])).toEqual({
      create: [{ claim: claim(), reclaimPolicy: "Delete" }],
      remove: [],
    });
  });

  it.each<[string, Claim, Volume[]]>([
    ["another class", claim({ storageClassName: "fast" }), []],
    ["no class", claim({ storageClassName: "" }), []],
    ["a volume of its own choice", claim({ volumeName: "pv-by-hand" }), []],
    ["a volume already", claim({}, "Bound"), []],
    ["a volume that was just made", claim(), [volume({ phase: "Available" })]],
    ["a wish for a raw disk", claim({ volumeMode: "Block" }), []],
  ])("leave out a claim with %s", (_, asked, volumes) => {
    expect(planVolumes([asked], volumes, [storageClass]).create).toEqual([]);
  });

  it("take fsGroups, stay on the node and belong to their claim", () => {
    expect(volumeFor(claim(), "/srv/volumes/pvc-4711", "Retain")).toMatchObject({
      metadata: { name: "pvc-4711" },
      spec: {
        capacity: { storage: "5Gi" },
        persistentVolumeReclaimPolicy: "Retain",
        local: { path: "/srv/volumes/pvc-4711" },
        claimRef: { namespace: "sightline", name: "data-loki-0", uid: "4711" },
      },
    });
  });
});

describe("volumes to remove", () => {
  it("are ours, released and not to be retained", () => {
    expect(planVolumes([], [volume()], [storageClass]).remove).toEqual([volume()]);
  });

  it.each([
    ["bound", { phase: "Bound" }],
    ["retained", { policy: "Retain" }],
    ["somebody else's", { by: "ebs.csi.aws.com" }],
  ])("leave out one that is %s", (_, more) => {
    expect(planVolumes([], [volume(more)], [storageClass]).remove).toEqual([]);
  });
});
