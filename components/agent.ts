import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { collectorMounts } from "../config/mounts.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { bindClusterRole, readRule } from "../kubernetes/access.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import {
  daemonSetSpec,
  everyNode,
  priorityQuotaSpec,
  rolloutSteps,
} from "../kubernetes/daemon-set.ts";
import { clusterObjectMeta, objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { networkPolicySpec } from "../kubernetes/network-policy.ts";
import { giveNodeFolder } from "../kubernetes/node-folder.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { nodeReadingPod } from "../kubernetes/security.ts";
import { nodeLocalServiceSpec, serviceAnnotations } from "../kubernetes/services.ts";
import { configVolume, nodeFolderVolume } from "../kubernetes/volumes.ts";

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
    const { settings, namespace } = args;
    const identity = { workload, version: images.collector.tag, namespace };
    const metadata = objectMeta(identity);
    const child = { parent: this };

    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, child);
    const access = makeAccess(name, args, identity, child);
    const policy = new k8s.networking.v1.NetworkPolicy(
      name,
      { metadata, spec: networkPolicySpec(workload, args.edges, args.platformNamespace) },
      child,
    );
    const quota = new k8s.core.v1.ResourceQuota(
      name,
      { metadata, spec: priorityQuotaSpec(settings.priorityClass) },
      child,
    );
    const config = new k8s.core.v1.ConfigMap(
      configName,
      { metadata: objectMeta(identity, configName), data: collectorConfigFiles(args.config) },
      child,
    );
    new k8s.core.v1.Service(
      name,
      {
        metadata: objectMeta(identity, workload, serviceAnnotations),
        spec: nodeLocalServiceSpec(workload, listeners),
      },
      child,
    );
    new k8s.apps.v1.DaemonSet(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(rolloutSteps, startSeconds)),
        spec: daemonSetSpec(workload, template(args, identity)),
      },
      // Before the first pod, and gone after the last.
      { parent: this, dependsOn: [account, access, policy, quota, config] },
    );
    this.registerOutputs({});
  }
}

function makeAccess(
  name: string,
  { namespace, platformNamespace }: AgentArgs,
  identity: WorkloadIdentity,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource {
  // Two platforms can share a cluster, but not a name outside of their namespaces.
  const ownName = pulumi.interpolate`${platformNamespace}-${workload}`;
  const metadata = clusterObjectMeta(identity, ownName);
  const role = new k8s.rbac.v1.ClusterRole(name, { metadata, rules: accessRules }, child);
  const binding = bindClusterRole(role.metadata.name, { name: workload, namespace });
  return new k8s.rbac.v1.ClusterRoleBinding(name, { metadata, ...binding }, child);
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
