import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { peersService } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { makeBackend } from "../kubernetes/backend.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { selectorLabels } from "../kubernetes/labels.ts";
import type { WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec } from "../kubernetes/services.ts";
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
    const { settings, namespace, edges, config } = args;
    const identity = { workload, version: images.collector.tag, namespace } as const;
    makeBackend(name, this, {
      identity,
      edges,
      replicas: settings.replicas,
      startSeconds,
      configs: { [configName]: collectorConfigFiles(config) },
      services: {
        // Spans wait in the gateways' queues for a replica that is not ready; its name must not vanish meanwhile.
        [peersService(workload)]: headlessServiceSpec(workload, listeners, "allReplicas"),
      },
      statefulSet: statefulSetSpec(args, identity),
    });
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
