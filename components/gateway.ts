import { basename } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { peersService } from "../config/endpoints.ts";
import type { Target } from "../config/fan-out.ts";
import { collectorFiles, collectorMounts } from "../config/mounts.ts";
import type { PlatformSecrets } from "../config/platform-secrets.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { StopTimes } from "../config/stopping.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { bindRole } from "../kubernetes/access.ts";
import { autoscalerSpec } from "../kubernetes/autoscaling.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { collectorConfigFiles, collectorContainer } from "../kubernetes/collector.ts";
import { deploymentSpec } from "../kubernetes/deployment.ts";
import { drainAccess, drainAccount, drainHook, drainSidecar } from "../kubernetes/drain.ts";
import {
  fanOutAnnotations,
  fanOutEnv,
  fanOutSecretName,
  fileVolumes,
} from "../kubernetes/fan-out.ts";
import { ingestSecretNames, ingestSecrets } from "../kubernetes/ingest-secrets.ts";
import { selectorLabels } from "../kubernetes/labels.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { secretData } from "../kubernetes/secrets.ts";
import { headlessServiceSpec, serviceSpec } from "../kubernetes/services.ts";
import {
  configVolume,
  keepClaims,
  secretVolume,
  volumeClaimTemplate,
} from "../kubernetes/volumes.ts";
import { makeParts } from "../kubernetes/workload-parts.ts";

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
  /** Of the listeners for what comes from outside, where they are on, and of the targets. */
  readonly secrets: Pick<PlatformSecrets, "ingestCertificate" | "ingestTokens" | "fanOut">;
  /** Name of the Secret with the certificate that these show; without one, it is made of `secrets`. */
  readonly tlsSecret?: string;
  /** What must know a new certificate's authority before it is shown. */
  readonly showsAfter?: pulumi.Resource;
  readonly stopTimes: StopTimes;
  /** Of the sidecar that empties a leaving replica's queues. */
  readonly drainImage: pulumi.Input<string>;
  /** Where it sends copies. */
  readonly targets: readonly Target[];
}

const workload = "gateway";
const configName = "gateway-config";
const startSeconds = 60;
const queueClaim = "queue";

/**
 * The collectors that everything enters through. With its queue on disk each replica has a volume, which outlives the
 * replica and a scaling down: a replica that leaves for good empties it first, and what it cannot is sent once it is back.
 */
export class Gateway extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Gateway", name, {}, opts);
    const { settings, namespace, edges, config } = args;
    const { replicas } = settings;
    const identity = { workload, version: images.collector.tag, namespace } as const;
    const child = { parent: this };

    const annotations = accountAnnotations(settings);
    const parts = makeParts(name, this, {
      identity,
      edges,
      replicas: replicas.min,
      ...(annotations && { accountAnnotations: annotations }),
      configs: { [configName]: collectorConfigFiles(config) },
      services: services(settings),
    });
    const drainRole = isDrained(args) ? [makeDrainAccess(name, identity, child)] : [];
    const secrets = Object.entries(gatewaySecrets(args.secrets)).map(([secret, content]) => {
      const inputs = { metadata: objectMeta(identity, secret), ...content };
      const dependsOn = args.showsAfter ? [args.showsAfter] : [];
      return new k8s.core.v1.Secret(secret, inputs, { ...child, dependsOn });
    });
    makeWorkload(name, args, identity, {
      parent: this,
      dependsOn: [...parts, ...drainRole, ...secrets],
      // Only the start is ours; from then on the autoscaler counts.
      ignoreChanges: isAutoscaled(settings) ? ["spec.replicas"] : [],
    });
    if (isAutoscaled(settings)) {
      const metadata = objectMeta(identity);
      const scaling = { ...settings.autoscaling, replicas };
      const spec = autoscalerSpec({ kind: kindOf(settings), name: workload }, scaling);
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(name, { metadata, spec }, child);
    }
    this.registerOutputs({});
  }
}

function gatewaySecrets(secrets: GatewayArgs["secrets"]) {
  const { fanOut } = secrets;
  const ofTargets = fanOut && {
    [fanOutSecretName]: { type: "Opaque", data: secretData(fanOut) },
  };
  return { ...ingestSecrets(secrets), ...ofTargets };
}

function accountAnnotations({ serviceAccountAnnotations }: GatewaySettings) {
  return Object.keys(serviceAccountAnnotations).length === 0
    ? undefined
    : serviceAccountAnnotations;
}

function kindOf({ queue }: GatewaySettings): "StatefulSet" | "Deployment" {
  return queue.storage === "disk" ? "StatefulSet" : "Deployment";
}

function isAutoscaled({ replicas }: GatewaySettings): boolean {
  return replicas.max > replicas.min;
}

function isDrained({ stopTimes: { drainSeconds } }: GatewayArgs): boolean {
  return drainSeconds > 0;
}

function makeDrainAccess(
  name: string,
  identity: WorkloadIdentity,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = objectMeta(identity);
  const role = new k8s.rbac.v1.Role(name, { metadata, rules: drainAccess(workload) }, child);
  const binding = bindRole(role.metadata.name, { name: workload, namespace: identity.namespace });
  return new k8s.rbac.v1.RoleBinding(name, { metadata, ...binding }, child);
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
  const pods = template(args, identity);
  if (kindOf(settings) === "Deployment") {
    new k8s.apps.v1.Deployment(name, { metadata, spec: deploymentSpec(workload, min, pods) }, opts);
    return;
  }
  const { volumeGiB } = settings.queue;
  const queue = volumeClaimTemplate(queueClaim, workload, volumeGiB, args.storageClass);
  const set = {
    replicas: min,
    revisionHistoryLimit: 3,
    selector: { matchLabels: selectorLabels(workload) },
    template: pods,
    serviceName: peersService(workload),
    podManagementPolicy: "Parallel",
    volumeClaimTemplates: [queue, ...filesOf(args).claims],
    persistentVolumeClaimRetentionPolicy: keepClaims,
  };
  new k8s.apps.v1.StatefulSet(name, { metadata, spec: set }, opts);
}

function filesOf({ targets, storageClass }: GatewayArgs) {
  return fileVolumes(targets, workload, storageClass);
}

function template(
  args: GatewayArgs,
  identity: WorkloadIdentity,
): types.input.core.v1.PodTemplateSpec {
  const { settings, images: source, config, stopTimes, targets, tlsSecret } = args;
  const { fanOut = {} } = args.secrets;
  const files = filesOf(args);
  return podTemplate({
    identity,
    replicas: settings.replicas.max,
    uid: images.collector.uid,
    images: source,
    serviceAccount: workload,
    // The sidecar alone has a token, from a volume of its own.
    apiAccess: false,
    graceSeconds: stopTimes.graceSeconds,
    // Not the listeners' secrets: a changed certificate is read without a restart, and tokens change the configuration.
    files: collectorConfigFiles(config),
    annotations: fanOutAnnotations(fanOut),
    container: collectorContainer({
      workload,
      images: source,
      size: settings.resources,
      ports: listeners(settings),
      startSeconds,
      mounts: [...mounts(settings), ...files.mounts],
      env: fanOutEnv(targets, fanOut),
      leaveSeconds: stopTimes.leaveSeconds,
      ...(isDrained(args) ? { preStop: drainHook(workload) } : {}),
    }),
    sidecars: isDrained(args) ? [sidecar(args)] : [],
    volumes: [
      configVolume("config", configName),
      ...(isDrained(args) ? [drainAccount] : []),
      ...(kindOf(settings) === "Deployment" ? files.scratch : []),
      ...(settings.public.enabled
        ? [
            secretVolume("ingest-tls", tlsSecret ?? ingestSecretNames.tls),
            secretVolume("ingest-tokens", ingestSecretNames.tokens),
          ]
        : []),
    ],
  });
}

function sidecar({ drainImage: image, images: { pullPolicy }, stopTimes: times }: GatewayArgs) {
  return drainSidecar({ workload, image, pullPolicy, times, claim: queueClaim });
}

function mounts(settings: GatewaySettings): types.input.core.v1.VolumeMount[] {
  const { queue, ingestTls } = collectorMounts;
  return [
    ...(kindOf(settings) === "StatefulSet" ? [{ name: queueClaim, mountPath: queue }] : []),
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
