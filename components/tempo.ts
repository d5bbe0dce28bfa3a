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

/** What Tempo owns: the traces. */
export interface TempoArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Tempo's finished configuration. */
  readonly config: string;
  /** Of the object store, where the settings want one with keys. */
  readonly storageKeys?: StorageKeys | undefined;
  /** Of its service account, besides those of the settings: the role that the cloud gives it. */
  readonly accountAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

const workload = "tempo";
const configName = "tempo-config";
const keysName = "tempo-storage-keys";
/** A start replays the write-ahead log. */
const startSeconds = 600;
/**
 * A stop writes everything to the store. It would often last for ever: after a query in the last half minute, Tempo 2.9
 * waits for a queue that nothing empties any more. By then all is written, and what is not is in the log on the volume.
 */
const graceSeconds = 60;
/** Where there is another replica, senders go to it before the port is closed. */
const leaveSeconds = 5;
const http: NamedPort = {
  name: metricsPortNames.withApi,
  number: ports.tempo.http,
  appProtocol: "http",
};
const otlpHttp: NamedPort = {
  name: "otlp-http",
  number: ports.tempo.otlpHttp,
  appProtocol: "http",
};
const listeners: NamedPort[] = [
  http,
  otlpHttp,
  { name: "grpc", number: ports.tempo.grpc, appProtocol: "grpc" },
  { name: "gossip", number: ports.tempo.gossip },
];

/**
 * Tempo as one process that is everything, or as a ring of such. What is not in the object store yet is on the volumes,
 * which outlive the replicas.
 */
export class Tempo extends pulumi.ComponentResource {
  constructor(name: string, args: TempoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Tempo", name, {}, opts);
    const { settings, namespace } = args;
    const { replicas } = settings.tempo;
    const identity = { workload, version: images.tempo.tag, namespace };
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
  return { [basename(backendFiles.tempo)]: config };
}

const services = {
  [workload]: serviceSpec(workload, [http, otlpHttp]),
  // Replicas must meet before they are ready.
  [peersService(workload)]: headlessServiceSpec(workload, listeners, "allReplicas"),
};

function replicasSpec(
  { settings, config }: TempoArgs,
  identity: WorkloadIdentity,
  keys: StorageKeys | undefined,
): types.input.apps.v1.StatefulSetSpec {
  const { replicas, volumeGiB } = settings.tempo;
  return statefulSetSpec({
    workload,
    replicas,
    volumeGiB,
    storageClass: settings.cluster.storageClass,
    template: podTemplate({
      identity,
      replicas,
      uid: images.tempo.uid,
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
  const { replicas, resources } = settings.tempo;
  return platformContainer({
    name: workload,
    image: "tempo",
    images: settings.images,
    size: resources,
    args: [`-config.file=${backendFiles.tempo}`, "-config.expand-env=true"],
    env: [
      podFieldEnv("POD_IP", backendEnvironment.POD_IP),
      ...(hasKeys ? storageKeyEnv(keysName) : []),
    ],
    ports: listeners,
    // Whether it is ready hangs on its ring, so whether it lives is asked of the port.
    probes: { port: http.number, readyPath: "/ready", startSeconds },
    mounts: [
      { name: "config", mountPath: backendMounts.tempo.config, readOnly: true },
      { name: dataVolume, mountPath: backendMounts.tempo.data },
    ],
    ...(replicas > 1 ? { leaveSeconds } : {}),
  });
}
