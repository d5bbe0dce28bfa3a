import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLease } from "../config/leases.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { bindRole, leaseRules, readRule } from "../kubernetes/access.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { makeClusterAccess } from "../kubernetes/cluster-access.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { deploymentSpec } from "../kubernetes/deployment.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import { configVolume } from "../kubernetes/volumes.ts";
import { makeParts } from "../kubernetes/workload-parts.ts";

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
    const { settings, namespace, edges, config } = args;
    const { replicas } = settings;
    const identity = { workload, version: images.collector.tag, namespace } as const;
    const parts = makeParts(name, this, {
      identity,
      edges,
      replicas,
      configs: { [configName]: collectorConfigFiles(config) },
      services: {},
    });
    const reading = makeClusterAccess(name, this, identity, accessRules);
    const electing = makeElection(name, identity, { parent: this });
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(replicas, startSeconds)),
        spec: deploymentSpec(workload, replicas, template(args, identity)),
      },
      { parent: this, dependsOn: [...parts, reading, electing] },
    );
    this.registerOutputs({});
  }
}

function makeElection(
  name: string,
  identity: WorkloadIdentity,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = objectMeta(identity);
  const rules = leaseRules(clusterLease);
  const role = new k8s.rbac.v1.Role(name, { metadata, rules }, child);
  const binding = bindRole(role.metadata.name, { name: workload, namespace: identity.namespace });
  return new k8s.rbac.v1.RoleBinding(name, { metadata, ...binding }, child);
}

function template(
  { settings, images: source, config }: ClusterCollectorArgs,
  identity: WorkloadIdentity,
): types.input.core.v1.PodTemplateSpec {
  return podTemplate({
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
  });
}
