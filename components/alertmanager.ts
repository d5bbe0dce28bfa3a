import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { backendEnvironment, backendFiles, backendMounts } from "../config/backend-mounts.ts";
import { peersService, replicaHost } from "../config/endpoints.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { makeBackend } from "../kubernetes/backend.ts";
import { platformContainer, podFieldEnv } from "../kubernetes/container.ts";
import type { WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceSpec } from "../kubernetes/services.ts";
import { dataVolume, statefulSetSpec } from "../kubernetes/stateful-set.ts";
import { configVolume } from "../kubernetes/volumes.ts";

/** What Alertmanager owns: who is told, what is silenced and what was told already. */
export interface AlertmanagerArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Alertmanager's finished configuration. */
  readonly config: string;
}

const workload = "alertmanager";
const configName = "alertmanager-config";
const startSeconds = 60;
/** Writes down its silences and what was told. */
const graceSeconds = 30;
const http: NamedPort = {
  name: metricsPortNames.withApi,
  number: ports.alertmanager.http,
  appProtocol: "http",
};
const gossip = ports.alertmanager.gossip;
const listeners: NamedPort[] = [
  http,
  { name: "gossip-tcp", number: gossip },
  { name: "gossip-udp", number: gossip, protocol: "UDP" },
];

/** Alertmanager, as one or as several that tell each other what was told. */
export class Alertmanager extends pulumi.ComponentResource {
  constructor(name: string, args: AlertmanagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Alertmanager", name, {}, opts);
    const { settings, namespace, edges } = args;
    const identity = { workload, version: images.alertmanager.tag, namespace } as const;
    makeBackend(name, this, {
      identity,
      edges,
      replicas: settings.alertmanager.replicas,
      startSeconds,
      configs: { [configName]: configFiles(args.config) },
      services,
      statefulSet: replicasSpec(args, identity),
    });
    this.registerOutputs({});
  }
}

function configFiles(config: string): Record<string, string> {
  return { [basename(backendFiles.alertmanager)]: config };
}

const services = {
  [workload]: serviceSpec(workload, [http]),
  // Replicas must meet before they are ready.
  [peersService(workload)]: headlessServiceSpec(workload, listeners, "allReplicas"),
};

function replicasSpec(
  { settings, config }: AlertmanagerArgs,
  identity: WorkloadIdentity,
): types.input.apps.v1.StatefulSetSpec {
  const { replicas, volumeGiB } = settings.alertmanager;
  return statefulSetSpec({
    workload,
    replicas,
    volumeGiB,
    storageClass: settings.cluster.storageClass,
    template: podTemplate({
      identity,
      replicas,
      uid: images.alertmanager.uid,
      images: settings.images,
      serviceAccount: workload,
      apiAccess: false,
      graceSeconds,
      files: configFiles(config),
      container: container(settings),
      volumes: [configVolume("config", configName)],
    }),
  });
}

function container(settings: Settings): types.input.core.v1.Container {
  const { config, data } = backendMounts.alertmanager;
  return platformContainer({
    name: workload,
    image: "alertmanager",
    images: settings.images,
    size: settings.alertmanager.resources,
    args: alertmanagerFlags(settings),
    env: [podFieldEnv("POD_IP", backendEnvironment.POD_IP)],
    ports: listeners,
    probes: { port: http.number, readyPath: "/-/ready", livePath: "/-/healthy", startSeconds },
    mounts: [
      { name: "config", mountPath: config, readOnly: true },
      { name: dataVolume, mountPath: data },
    ],
  });
}

/** What Alertmanager can only be told by flags. */
export function alertmanagerFlags(settings: Settings): string[] {
  return [
    `--config.file=${backendFiles.alertmanager}`,
    `--storage.path=${backendMounts.alertmanager.data}`,
    `--web.listen-address=:${http.number}`,
    "--log.format=json",
    ...clusterFlags(settings),
  ];
}

function clusterFlags(settings: Settings): string[] {
  const { replicas } = settings.alertmanager;
  // An empty address is how a single one is told to look for no others.
  if (replicas === 1) return ["--cluster.listen-address="];
  const peers = Array.from({ length: replicas }, (_, ordinal) =>
    replicaHost(settings, workload, ordinal),
  );
  return [
    `--cluster.listen-address=0.0.0.0:${gossip}`,
    // Kubernetes puts the variable in; of several addresses Alertmanager would guess one.
    `--cluster.advertise-address=$(POD_IP):${gossip}`,
    ...peers.map((peer) => `--cluster.peer=${peer}:${gossip}`),
  ];
}
