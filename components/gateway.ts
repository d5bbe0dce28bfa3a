import { basename } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { peersService } from "../config/endpoints.ts";
import { collectorFiles, collectorMounts } from "../config/mounts.ts";
import type { PlatformSecrets } from "../config/platform-secrets.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { autoscalerSpec } from "../kubernetes/autoscaling.ts";
import { awaitAnnotations, disruptionBudgetSpec } from "../kubernetes/availability.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { ingestSecretNames, ingestSecrets } from "../kubernetes/ingest-secrets.ts";
import { selectorLabels } from "../kubernetes/labels.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { networkPolicySpec } from "../kubernetes/network-policy.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceAnnotations, serviceSpec } from "../kubernetes/services.ts";
import {
  configVolume,
  keepClaims,
  secretVolume,
  volumeClaimTemplate,
} from "../kubernetes/volumes.ts";

type GatewaySettings = Settings["collector"]["gateway"];

/** What the gateway owns: everything between a sender and the backends. */
export interface GatewayArgs {
  readonly settings: GatewaySettings;
  readonly images: Settings["images"];
  readonly storageClass: string | undefined;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** The collector's finished configuration. */
  readonly config: string;
  /** Of the listeners for what comes from outside, where they are on. */
  readonly secrets: Pick<PlatformSecrets, "ingestCertificate" | "ingestTokens">;
  /** Name of the Secret with the certificate that these show; without one, it is made of `secrets`. */
  readonly tlsSecret?: string;
  /** What must know a new certificate's authority before it is shown. */
  readonly showsAfter?: pulumi.Resource;
}

const workload = "gateway";
const configName = "gateway-config";
const startSeconds = 60;
/** Covers the time until no proxy sends to a stopping pod any more. */
const leaveSeconds = 5;
/** Long enough to send what a queue in memory still holds, while the backends answer. */
const graceSeconds = 60;

/**
 * The collectors that everything enters through. With its queue on disk each replica has a volume, which outlives the
 * replica and a scaling down: what waits on it is sent once the replica is back.
 */
export class Gateway extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Gateway", name, {}, opts);
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
    const secrets = Object.entries(ingestSecrets(args.secrets)).map(([secret, content]) => {
      const inputs = { metadata: objectMeta(identity, secret), ...content };
      const dependsOn = args.showsAfter ? [args.showsAfter] : [];
      return new k8s.core.v1.Secret(secret, inputs, { ...child, dependsOn });
    });
    for (const [service, spec] of Object.entries(services(settings))) {
      const serviceMetadata = objectMeta(identity, service, serviceAnnotations);
      new k8s.core.v1.Service(service, { metadata: serviceMetadata, spec }, child);
    }
    makeWorkload(name, args, identity, {
      parent: this,
      // Before the first pod, and gone after the last.
      dependsOn: [account, policy, config, ...secrets],
      // Only the start is ours; from then on the autoscaler counts.
      ignoreChanges: isAutoscaled(settings) ? ["spec.replicas"] : [],
    });
    if (settings.replicas.min > 1) {
      const spec = disruptionBudgetSpec(workload);
      new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec }, child);
    }
    if (isAutoscaled(settings)) {
      const scaling = { ...settings.autoscaling, replicas: settings.replicas };
      const spec = autoscalerSpec({ kind: kindOf(settings), name: workload }, scaling);
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(name, { metadata, spec }, child);
    }
    this.registerOutputs({});
  }
}

function kindOf({ queue }: GatewaySettings): "StatefulSet" | "Deployment" {
  return queue.storage === "disk" ? "StatefulSet" : "Deployment";
}

function isAutoscaled({ replicas }: GatewaySettings): boolean {
  return replicas.max > replicas.min;
}

function services(settings: GatewaySettings): Record<string, types.input.core.v1.ServiceSpec> {
  const open = listeners(settings);
  return {
    [workload]: serviceSpec(workload, open),
    [peersService(workload)]: headlessServiceSpec(workload, open, "readyReplicas"),
  };
}

function listeners(settings: GatewaySettings): NamedPort[] {
  const { agents, publicGrpc, publicHttp, browserHttp } = ports.gateway;
  const inside: NamedPort[] = [{ name: "agents", number: agents, appProtocol: "grpc" }];
  const outside: NamedPort[] = [
    { name: "public-grpc", number: publicGrpc, appProtocol: "grpc" },
    { name: "public-http", number: publicHttp, appProtocol: "https" },
  ];
  const browser: NamedPort = { name: "browser-http", number: browserHttp, appProtocol: "https" };
  return [
    ...inside,
    ...(settings.public.enabled ? outside : []),
    ...(settings.browser.origins.length > 0 ? [browser] : []),
  ];
}

/** The kind follows the queue: only a StatefulSet gives each replica a volume that waits for it. */
function makeWorkload(
  name: string,
  args: GatewayArgs,
  identity: WorkloadIdentity,
  opts: pulumi.CustomResourceOptions,
): void {
  const { settings } = args;
  const { min, max } = settings.replicas;
  const metadata = objectMeta(identity, workload, awaitAnnotations(max, startSeconds));
  const spec = {
    replicas: min,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    template: template(args, identity),
  };
  if (kindOf(settings) === "Deployment") {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    new k8s.apps.v1.Deployment(name, { metadata, spec: { ...spec, strategy } }, opts);
    return;
  }
  const { volumeGiB } = settings.queue;
  const queue = volumeClaimTemplate("queue", workload, volumeGiB, args.storageClass);
  const set = {
    ...spec,
    serviceName: peersService(workload),
    podManagementPolicy: "Parallel",
    volumeClaimTemplates: [queue],
    persistentVolumeClaimRetentionPolicy: keepClaims,
  };
  new k8s.apps.v1.StatefulSet(name, { metadata, spec: set }, opts);
}

function template(
  { settings, images: source, config, tlsSecret }: GatewayArgs,
  identity: WorkloadIdentity,
): types.input.core.v1.PodTemplateSpec {
  return podTemplate({
    identity,
    replicas: settings.replicas.max,
    uid: images.collector.uid,
    images: source,
    serviceAccount: workload,
    apiAccess: false,
    graceSeconds,
    // Not the secrets: a changed certificate is read without a restart, and tokens change the configuration.
    files: collectorConfigFiles(config),
    container: collectorContainer({
      workload,
      images: source,
      size: settings.resources,
      ports: listeners(settings),
      startSeconds,
      mounts: mounts(settings),
      leaveSeconds,
    }),
    volumes: [
      configVolume("config", configName),
      ...(settings.public.enabled
        ? [
            secretVolume("ingest-tls", tlsSecret ?? ingestSecretNames.tls),
            secretVolume("ingest-tokens", ingestSecretNames.tokens),
          ]
        : []),
    ],
  });
}

function mounts(settings: GatewaySettings): types.input.core.v1.VolumeMount[] {
  const { queue, ingestTls } = collectorMounts;
  return [
    ...(kindOf(settings) === "StatefulSet" ? [{ name: "queue", mountPath: queue }] : []),
    ...(settings.public.enabled
      ? [
          { name: "ingest-tls", mountPath: ingestTls, readOnly: true },
          // A single file is never renewed in place: the pod takes exactly the tokens that its configuration knows.
          {
            name: "ingest-tokens",
            mountPath: collectorFiles.ingestTokens,
            subPath: basename(collectorFiles.ingestTokens),
            readOnly: true,
          },
        ]
      : []),
  ];
}
