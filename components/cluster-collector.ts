import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLease } from "../config/leases.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { bindClusterRole, bindRole, leaseRules, readRule } from "../kubernetes/access.ts";
import { awaitAnnotations, disruptionBudgetSpec } from "../kubernetes/availability.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { selectorLabels } from "../kubernetes/labels.ts";
import { clusterObjectMeta, objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { networkPolicySpec } from "../kubernetes/network-policy.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import { configVolume } from "../kubernetes/volumes.ts";

type ClusterSettings = Settings["collector"]["cluster"];

/** What the cluster's collector owns: the one that reads the Kubernetes API for everybody. */
export interface ClusterCollectorArgs {
  readonly settings: ClusterSettings;
  readonly images: Settings["images"];
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** The collector's finished configuration. */
  readonly config: string;
}

const workload = "cluster";
const configName = "cluster-config";
const startSeconds = 60;
const graceSeconds = 30;
/** The kinds whose state is told. A kind that may not be read would stop all of them. */
const accessRules = [
  readRule("", [
    "events",
    "namespaces",
    "nodes",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "services",
  ]),
  readRule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"]),
  readRule("batch", ["cronjobs", "jobs"]),
  readRule("autoscaling", ["horizontalpodautoscalers"]),
];

/** Replicas of which one, elected, tells the cluster's state and events; another one takes over when it goes. */
export class ClusterCollector extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterCollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:ClusterCollector", name, {}, opts);
    const { settings, namespace } = args;
    const identity = { workload, version: images.collector.tag, namespace };
    const metadata = objectMeta(identity);
    const child = { parent: this };

    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, child);
    const access = makeAccess(name, identity, child);
    const policy = new k8s.networking.v1.NetworkPolicy(
      name,
      { metadata, spec: networkPolicySpec(workload, args.edges, namespace) },
      child,
    );
    const config = new k8s.core.v1.ConfigMap(
      configName,
      { metadata: objectMeta(identity, configName), data: collectorConfigFiles(args.config) },
      child,
    );
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(settings.replicas, startSeconds)),
        spec: deploymentSpec(args, identity),
      },
      // Before the first pod, and gone after the last.
      { parent: this, dependsOn: [account, ...access, policy, config] },
    );
    if (settings.replicas > 1) {
      const spec = disruptionBudgetSpec(workload);
      new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
    }
    this.registerOutputs({});
  }
}

function makeAccess(
  name: string,
  identity: WorkloadIdentity,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { namespace } = identity;
  const account = { name: workload, namespace };
  // Two platforms can share a cluster, but not a name outside of their namespaces.
  const metadata = clusterObjectMeta(identity, pulumi.interpolate`${namespace}-${workload}`);
  const reading = new k8s.rbac.v1.ClusterRole(name, { metadata, rules: accessRules }, child);
  const own = objectMeta(identity);
  const electing = new k8s.rbac.v1.Role(
    name,
    { metadata: own, rules: leaseRules(clusterLease) },
    child,
  );
  return [
    new k8s.rbac.v1.ClusterRoleBinding(
      name,
      { metadata, ...bindClusterRole(reading.metadata.name, account) },
      child,
    ),
    new k8s.rbac.v1.RoleBinding(
      name,
      { metadata: own, ...bindRole(electing.metadata.name, account) },
      child,
    ),
  ];
}

function deploymentSpec(
  { settings, images: source, config }: ClusterCollectorArgs,
  identity: WorkloadIdentity,
): types.input.apps.v1.DeploymentSpec {
  return {
    replicas: settings.replicas,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: podTemplate({
      identity,
      replicas: settings.replicas,
      uid: images.collector.uid,
      images: source,
      serviceAccount: workload,
      apiAccess: true,
      graceSeconds,
      files: collectorConfigFiles(config),
      container: collectorContainer({
        workload,
        images: source,
        size: settings.resources,
        ports: [],
        startSeconds,
        mounts: [],
      }),
      volumes: [configVolume("config", configName)],
    }),
  };
}
