import { basename } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { backendEnvironment, backendFiles, backendMounts } from "../config/backend-mounts.ts";
import { peersService } from "../config/endpoints.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { awaitAnnotations, disruptionBudgetSpec } from "../kubernetes/availability.ts";
import { platformContainer, podFieldEnv } from "../kubernetes/container.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { networkPolicySpec } from "../kubernetes/network-policy.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceAnnotations, serviceSpec } from "../kubernetes/services.ts";
import { dataVolume, statefulSetSpec } from "../kubernetes/stateful-set.ts";
import {
  neededStorageKeys,
  storageKeyAnnotations,
  storageKeyData,
  storageKeyEnv,
  type StorageKeys,
} from "../kubernetes/storage-keys.ts";
import { configVolume } from "../kubernetes/volumes.ts";

/** What Loki owns: the logs. */
export interface LokiArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Loki's finished configuration. */
  readonly config: string;
  /** Of the object store, where the settings want one with keys. */
  readonly storageKeys?: StorageKeys | undefined;
  /** Of its service account, besides those of the settings: the role that the cloud gives it. */
  readonly accountAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

const workload = "loki";
const configName = "loki-config";
const keysName = "loki-storage-keys";
/** A start replays the write-ahead log, and writes to the store on the way when memory is short. */
const startSeconds = 600;
/** A stop writes everything that is still in memory to the store. */
const graceSeconds = 300;
/** Where there is another replica, senders go to it before the port is closed. */
const leaveSeconds = 5;
const http: NamedPort = {
  name: metricsPortNames.withApi,
  number: ports.loki.http,
  appProtocol: "http",
};
const listeners: NamedPort[] = [
  http,
  { name: "grpc", number: ports.loki.grpc, appProtocol: "grpc" },
  { name: "gossip", number: ports.loki.gossip },
];

/**
 * Loki as one process that is everything, or as a ring of such. What is not in the object store yet is on the volumes,
 * which outlive the replicas.
 */
export class Loki extends pulumi.ComponentResource {
  constructor(name: string, args: LokiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Loki", name, {}, opts);
    const { settings, namespace } = args;
    const { replicas } = settings.loki;
    const identity = { workload, version: images.loki.tag, namespace };
    const metadata = objectMeta(identity);
    const child = { parent: this };

    const annotations = {
      ...settings.storage.serviceAccountAnnotations,
      ...args.accountAnnotations,
    };
    const account = new k8s.core.v1.ServiceAccount(
      name,
      { metadata: objectMeta(identity, workload, annotations) },
      child,
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
      name,
      { metadata, spec: networkPolicySpec(workload, args.edges, args.namespace) },
      child,
    );
    const config = new k8s.core.v1.ConfigMap(
      configName,
      { metadata: objectMeta(identity, configName), data: configFiles(args.config) },
      child,
    );
    const keys = neededStorageKeys(settings.storage, args.storageKeys);
    const secrets = (keys === undefined ? [] : [storageKeyData(keys)]).map(
      (data) =>
        new k8s.core.v1.Secret(keysName, { metadata: objectMeta(identity, keysName), data }, child),
    );
    for (const [service, spec] of Object.entries(services)) {
      const serviceMetadata = objectMeta(identity, service, serviceAnnotations);
      new k8s.core.v1.Service(service, { metadata: serviceMetadata, spec }, child);
    }
    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(replicas, startSeconds)),
        spec: replicasSpec(args, identity, keys),
      },
      // Before the first pod, and gone after the last.
      { parent: this, dependsOn: [account, policy, config, ...secrets] },
    );
    if (replicas > 1) {
      const spec = disruptionBudgetSpec(workload);
      new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
    }
    this.registerOutputs({});
  }
}

function configFiles(config: string): Record<string, string> {
  return { [basename(backendFiles.loki)]: config };
}

const services = {
  [workload]: serviceSpec(workload, [http]),
  // Replicas must meet before they are ready.
  [peersService(workload)]: headlessServiceSpec(workload, listeners, "allReplicas"),
};

function replicasSpec(
  { settings, config }: LokiArgs,
  identity: WorkloadIdentity,
  keys: StorageKeys | undefined,
): types.input.apps.v1.StatefulSetSpec {
  const { replicas, volumeGiB } = settings.loki;
  return statefulSetSpec({
    workload,
    replicas,
    volumeGiB,
    storageClass: settings.cluster.storageClass,
    template: podTemplate({
      identity,
      replicas,
      uid: images.loki.uid,
      images: settings.images,
      serviceAccount: workload,
      apiAccess: false,
      graceSeconds,
      files: configFiles(config),
      ...(keys === undefined ? {} : { annotations: storageKeyAnnotations(keys) }),
      container: container(settings, keys !== undefined),
      volumes: [configVolume("config", configName)],
    }),
  });
}

function container(settings: Settings, hasKeys: boolean): types.input.core.v1.Container {
  const { replicas, resources } = settings.loki;
  return platformContainer({
    name: workload,
    image: "loki",
    images: settings.images,
    size: resources,
    args: [`-config.file=${backendFiles.loki}`, "-config.expand-env=true"],
    env: [
      podFieldEnv("POD_IP", backendEnvironment.POD_IP),
      ...(hasKeys ? storageKeyEnv(keysName) : []),
    ],
    ports: listeners,
    // Whether it is ready hangs on its ring, so whether it lives is asked of the port.
    probes: { port: http.number, readyPath: "/ready", startSeconds },
    mounts: [
      { name: "config", mountPath: backendMounts.loki.config, readOnly: true },
      { name: dataVolume, mountPath: backendMounts.loki.data },
    ],
    ...(replicas > 1 ? { leaveSeconds } : {}),
  });
}
