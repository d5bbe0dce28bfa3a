import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { collectorMounts } from "../config/mounts.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { readRule } from "../kubernetes/access.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { makeClusterAccess } from "../kubernetes/cluster-access.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import {
  daemonSetSpec,
  everyNode,
  priorityQuotaSpec,
  rolloutSteps,
} from "../kubernetes/daemon-set.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { giveNodeFolder } from "../kubernetes/node-folder.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { nodeReadingPod } from "../kubernetes/security.ts";
import { nodeLocalServiceSpec } from "../kubernetes/services.ts";
import { configVolume, nodeFolderVolume } from "../kubernetes/volumes.ts";
import { makeParts } from "../kubernetes/workload-parts.ts";

type AgentSettings = Settings["collector"]["agent"];

/** What the agents own: everything that happens on a node before a gateway hears of it. */
export interface AgentArgs {
  readonly settings: AgentSettings;
  readonly images: Settings["images"];
  /** Of the agents' own; it admits folders of the node. */
  readonly namespace: pulumi.Input<string>;
  readonly platformNamespace: pulumi.Input<string>;
  /** Folder of each node for queues and checkpoints, of this stack alone. */
  readonly nodeFolder: string;
  readonly edges: readonly Edge[];
  /** The collector's finished configuration. */
  readonly config: string;
}

const workload = "agent";
const configName = "agent-config";
const startSeconds = 60;
/** Hands what was read to the queue on the disk; what waits there is sent by the next agent of the node. */
const graceSeconds = 30;
const uid = images.collector.uid;
const listeners: NamedPort[] = [
  { name: "otlp-grpc", number: ports.agent.otlpGrpc, appProtocol: "grpc" },
  { name: "otlp-http", number: ports.agent.otlpHttp, appProtocol: "http" },
  { name: "fluent-forward", number: ports.agent.fluentForward },
];
/** Of the kubelet only its statistics: more would be the right to run commands in pods. */
const accessRules: types.input.rbac.v1.PolicyRule[] = [
  readRule("", ["pods", "namespaces"]),
  { apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"] },
];

/**
 * The collector of each node. Applications reach it at `agent`, which never leads off their node. Queues and checkpoints
 * are on the node and outlive pods, versions and the stack: what waits in them is sent once an agent is back.
 */
export class Agent extends pulumi.ComponentResource {
  constructor(name: string, args: AgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Agent", name, {}, opts);
    const { settings, namespace, platformNamespace, edges, config } = args;
    const identity = { workload, version: images.collector.tag, namespace } as const;
    const parts = makeParts(name, this, {
      identity,
      edges,
      platformNamespace,
      // One a node: nothing to be held back when a node is emptied.
      replicas: 1,
      configs: { [configName]: collectorConfigFiles(config) },
      services: { [workload]: nodeLocalServiceSpec(workload, listeners) },
    });
    const access = makeClusterAccess(name, this, identity, accessRules, platformNamespace);
    const quota = new k8s.core.v1.ResourceQuota(
      name,
      { metadata: objectMeta(identity), spec: priorityQuotaSpec(settings.priorityClass) },
      { parent: this },
    );
    new k8s.apps.v1.DaemonSet(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(rolloutSteps, startSeconds)),
        spec: daemonSetSpec(workload, template(args, identity)),
      },
      { parent: this, dependsOn: [...parts, access, quota] },
    );
    this.registerOutputs({});
  }
}

function template(
  { settings, images: source, config, nodeFolder }: AgentArgs,
  identity: WorkloadIdentity,
): types.input.core.v1.PodTemplateSpec {
  const { queue, podLogs } = collectorMounts;
  const folder = { volume: "queue", path: queue, uid };
  return podTemplate({
    identity,
    replicas: 1,
    uid,
    images: source,
    serviceAccount: workload,
    apiAccess: true,
    graceSeconds,
    files: collectorConfigFiles(config),
    container: collectorContainer({
      workload,
      images: source,
      size: settings.resources,
      ports: listeners,
      startSeconds,
      mounts: [
        { name: folder.volume, mountPath: folder.path },
        { name: "pod-logs", mountPath: podLogs, readOnly: true },
      ],
      variables: ["NODE_NAME", "NODE_IP"],
    }),
    volumes: [
      configVolume("config", configName),
      nodeFolderVolume(folder.volume, nodeFolder, "DirectoryOrCreate"),
      nodeFolderVolume("pod-logs", podLogs, "Directory"),
    ],
    node: {
      securityContext: nodeReadingPod(uid),
      initContainers: [giveNodeFolder(folder, source)],
      priorityClassName: settings.priorityClass,
      tolerations: everyNode,
    },
  });
}
