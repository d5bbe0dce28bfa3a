import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { peersService } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { awaitAnnotations, disruptionBudgetSpec } from "../kubernetes/availability.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { selectorLabels } from "../kubernetes/labels.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { networkPolicySpec } from "../kubernetes/network-policy.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceAnnotations } from "../kubernetes/services.ts";
import { configVolume } from "../kubernetes/volumes.ts";

type SamplerSettings = Settings["collector"]["sampler"];

/** What the sampler owns: the tier that sees each trace whole. */
export interface SamplerArgs {
  readonly settings: SamplerSettings;
  readonly images: Settings["images"];
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** The collector's finished configuration. */
  readonly config: string;
}

const workload = "sampler";
const configName = "sampler-config";
const startSeconds = 60;
const sendSeconds = 30;
const listeners: NamedPort[] = [
  { name: "otlp-grpc", number: ports.sampler.otlpGrpc, appProtocol: "grpc" },
];

/**
 * The collectors that decide which traces are kept. A StatefulSet for the sake of its fixed names, by which the gateways
 * share the trace ids out; what is undecided lives in memory, and is decided early when a replica stops.
 */
export class Sampler extends pulumi.ComponentResource {
  constructor(name: string, args: SamplerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Sampler", name, {}, opts);
    const { settings, namespace } = args;
    const identity = { workload, version: images.collector.tag, namespace };
    const metadata = objectMeta(identity);
    const child = { parent: this };

    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, child);
    const policy = new k8s.networking.v1.NetworkPolicy(
      name,
      { metadata, spec: networkPolicySpec(workload, args.edges, args.namespace) },
      child,
    );
    const config = new k8s.core.v1.ConfigMap(
      configName,
      { metadata: objectMeta(identity, configName), data: collectorConfigFiles(args.config) },
      child,
    );
    const peers = peersService(workload);
    new k8s.core.v1.Service(
      peers,
      {
        metadata: objectMeta(identity, peers, serviceAnnotations),
        // Spans wait in the gateways' queues for a replica that is not ready; its name must not vanish meanwhile.
        spec: headlessServiceSpec(workload, listeners, "allReplicas"),
      },
      child,
    );
    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(settings.replicas, startSeconds)),
        spec: statefulSetSpec(args, identity),
      },
      // Before the first pod, and gone after the last.
      { parent: this, dependsOn: [account, policy, config] },
    );
    if (settings.replicas > 1) {
      const spec = disruptionBudgetSpec(workload);
      new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
    }
    this.registerOutputs({});
  }
}

function statefulSetSpec(
  { settings, images: source, config }: SamplerArgs,
  identity: WorkloadIdentity,
): types.input.apps.v1.StatefulSetSpec {
  return {
    replicas: settings.replicas,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    serviceName: peersService(workload),
    // All start at once; a new version still reaches one replica at a time.
    podManagementPolicy: "Parallel",
    template: podTemplate({
      identity,
      replicas: settings.replicas,
      uid: images.collector.uid,
      images: source,
      serviceAccount: workload,
      apiAccess: false,
      graceSeconds: settings.decisionWaitSeconds + sendSeconds,
      files: collectorConfigFiles(config),
      container: collectorContainer({
        workload,
        images: source,
        size: settings.resources,
        ports: listeners,
        startSeconds,
        mounts: [],
      }),
      volumes: [configVolume("config", configName)],
    }),
  };
}
