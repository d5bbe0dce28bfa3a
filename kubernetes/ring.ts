import { basename } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { backendEnvironment, backendFiles, backendMounts } from "../config/backend-mounts.ts";
import { peersService } from "../config/endpoints.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import type { Backend } from "./backend.ts";
import { platformContainer, podFieldEnv } from "./container.ts";
import { podTemplate } from "./pod-template.ts";
import type { NamedPort } from "./ports.ts";
import { headlessServiceSpec, serviceSpec } from "./services.ts";
import { dataVolume, statefulSetSpec } from "./stateful-set.ts";
import {
  neededStorageKeys,
  storageKeyAnnotations,
  storageKeyData,
  storageKeyEnv,
  type StorageKeys,
} from "./storage-keys.ts";
import { configVolume } from "./volumes.ts";

/** What a backend is told that keeps its data in the object store. */
export interface RingArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Its finished configuration. */
  readonly config: string;
  /** Of the object store, where the settings want one with keys. */
  readonly storageKeys?: StorageKeys | undefined;
  /** Of its service account, besides those of the settings: the role that the cloud gives it. */
  readonly accountAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What differs between those backends. */
export interface Ring {
  readonly workload: "loki" | "tempo";
  readonly startSeconds: number;
  readonly graceSeconds: number;
  /** What its Service offers besides the API. */
  readonly offers: readonly NamedPort[];
}

/** Where there is another replica, senders go to it before the port is closed. */
const leaveSeconds = 5;

/** One process that is everything, or a ring of such; it writes to the store what its volume no longer needs to hold. */
export function ringBackend(ring: Ring, args: RingArgs): Backend {
  const { workload, startSeconds } = ring;
  const { settings, namespace } = args;
  const { replicas, volumeGiB, resources } = settings[workload];
  const { tag, uid } = images[workload];
  const { config: configMount, data: dataMount } = backendMounts[workload];
  const identity = { workload, version: tag, namespace };
  const [configName, keysName] = [`${workload}-config`, `${workload}-storage-keys`];
  const files = { [basename(backendFiles[workload])]: args.config };
  const keys = neededStorageKeys(settings.storage, args.storageKeys);
  const http: NamedPort = {
    name: metricsPortNames.withApi,
    number: ports[workload].http,
    appProtocol: "http",
  };
  const listeners: NamedPort[] = [
    http,
    ...ring.offers,
    { name: "grpc", number: ports[workload].grpc, appProtocol: "grpc" },
    { name: "gossip", number: ports[workload].gossip },
  ];
  const container = platformContainer({
    name: workload,
    image: workload,
    images: settings.images,
    size: resources,
    args: [`-config.file=${backendFiles[workload]}`, "-config.expand-env=true"],
    env: [
      podFieldEnv("POD_IP", backendEnvironment.POD_IP),
      ...(keys === undefined ? [] : storageKeyEnv(keysName)),
    ],
    ports: listeners,
    // Whether it is ready hangs on its ring, so whether it lives is asked of the port.
    probes: { port: http.number, readyPath: "/ready", startSeconds },
    mounts: [
      { name: "config", mountPath: configMount, readOnly: true },
      { name: dataVolume, mountPath: dataMount },
    ],
    ...(replicas > 1 ? { leaveSeconds } : {}),
  });
  const template = podTemplate({
    identity,
    replicas,
    uid,
    images: settings.images,
    serviceAccount: workload,
    apiAccess: false,
    graceSeconds: ring.graceSeconds,
    files,
    ...(keys === undefined ? {} : { annotations: storageKeyAnnotations(keys) }),
    container,
    volumes: [configVolume("config", configName)],
  });
  const { storageClass } = settings.cluster;
  return {
    identity,
    edges: args.edges,
    replicas,
    startSeconds,
    accountAnnotations: {
      ...settings.storage.serviceAccountAnnotations,
      ...args.accountAnnotations,
    },
    configs: { [configName]: files },
    secrets: keys === undefined ? {} : { [keysName]: storageKeyData(keys) },
    services: {
      [workload]: serviceSpec(workload, [http, ...ring.offers]),
      // Replicas must meet before they are ready.
      [peersService(workload)]: headlessServiceSpec(workload, listeners, "allReplicas"),
    },
    statefulSet: statefulSetSpec({ workload, replicas, volumeGiB, storageClass, template }),
  };
}
