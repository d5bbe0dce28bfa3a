import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { backendEnvironment, backendFiles, backendMounts } from "../config/backend-mounts.ts";
import { peersService } from "../config/endpoints.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { bytesPerMiB } from "../config/units.ts";
import { images } from "../config/versions.ts";
import { readRule } from "../kubernetes/access.ts";
import { makeBackend } from "../kubernetes/backend.ts";
import { makeClusterAccess } from "../kubernetes/cluster-access.ts";
import { platformContainer, podFieldEnv } from "../kubernetes/container.ts";
import type { WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceSpec } from "../kubernetes/services.ts";
import { dataVolume, statefulSetSpec } from "../kubernetes/stateful-set.ts";
import { configVolume } from "../kubernetes/volumes.ts";

/** What Prometheus owns: the metrics, and the rules that are evaluated on them. */
export interface PrometheusArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Prometheus' finished configuration. */
  readonly config: string;
  /** Rule files by name. */
  readonly rules: Readonly<Record<string, string>>;
}

const workload = "prometheus";
const configName = "prometheus-config";
const rulesName = "prometheus-rules";
/** A start replays the write-ahead log: some minutes for a million series. */
const startSeconds = 600;
const graceSeconds = 300;
const http: NamedPort = {
  name: metricsPortNames.withApi,
  number: ports.prometheus.http,
  appProtocol: "http",
};
/** What is found by discovery, and the kubelets' own metrics. */
const accessRules = [
  readRule("", ["nodes", "pods"]),
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
];

const bytesPerSample = 16;
/** Share of the memory that one query's samples may take. */
const queryShare = 1 / 4;
const mostQuerySamples = 50_000_000;

/**
 * Prometheus, once or twice. Each replica is sent everything and scrapes everything; what one missed while it was down
 * is not filled in from the other.
 */
export class Prometheus extends pulumi.ComponentResource {
  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Prometheus", name, {}, opts);
    const { settings, namespace, edges } = args;
    const identity = { workload, version: images.prometheus.tag, namespace } as const;
    makeBackend(name, this, {
      identity,
      edges,
      replicas: settings.prometheus.replicas,
      startSeconds,
      configs: { [configName]: configFiles(args.config), [rulesName]: args.rules },
      services,
      statefulSet: replicasSpec(args, identity),
      needs: [makeClusterAccess(name, this, identity, accessRules)],
    });
    this.registerOutputs({});
  }
}

function configFiles(config: string): Record<string, string> {
  return { [basename(backendFiles.prometheus)]: config };
}

const services = {
  [workload]: serviceSpec(workload, [http]),
  // Metrics wait in the gateways' queues for a replica that is not ready; its name must not vanish meanwhile.
  [peersService(workload)]: headlessServiceSpec(workload, [http], "allReplicas"),
};

function replicasSpec(
  { settings, config }: PrometheusArgs,
  identity: WorkloadIdentity,
): types.input.apps.v1.StatefulSetSpec {
  const { replicas, volumeGiB } = settings.prometheus;
  return statefulSetSpec({
    workload,
    replicas,
    volumeGiB,
    storageClass: settings.cluster.storageClass,
    template: podTemplate({
      identity,
      replicas,
      uid: images.prometheus.uid,
      images: settings.images,
      serviceAccount: workload,
      apiAccess: true,
      graceSeconds,
      // Not the rules: Prometheus sees them change and loads them, which costs no replay of its log.
      files: configFiles(config),
      container: container(settings),
      volumes: [configVolume("config", configName), configVolume("rules", rulesName)],
    }),
  });
}

function container(settings: Settings): types.input.core.v1.Container {
  const { config, data, rules } = backendMounts.prometheus;
  return platformContainer({
    name: workload,
    image: "prometheus",
    images: settings.images,
    size: settings.prometheus.resources,
    args: prometheusFlags(settings),
    env: [podFieldEnv("POD_NAME", backendEnvironment.POD_NAME)],
    ports: [http],
    probes: { port: http.number, readyPath: "/-/ready", livePath: "/-/healthy", startSeconds },
    mounts: [
      { name: "config", mountPath: config, readOnly: true },
      { name: "rules", mountPath: rules, readOnly: true },
      { name: dataVolume, mountPath: data },
    ],
  });
}

/** What Prometheus can only be told by flags. */
export function prometheusFlags({ prometheus }: Settings): string[] {
  const memoryBytes = prometheus.resources.memoryMiB * bytesPerMiB;
  const querySamples = Math.floor((memoryBytes * queryShare) / bytesPerSample);
  return [
    `--config.file=${backendFiles.prometheus}`,
    "--config.auto-reload",
    `--storage.tsdb.path=${backendMounts.prometheus.data}/tsdb`,
    `--web.listen-address=:${http.number}`,
    "--web.enable-otlp-receiver",
    "--enable-feature=exemplar-storage",
    "--query.timeout=1m",
    `--query.max-samples=${Math.min(querySamples, mostQuerySamples)}`,
    "--log.format=json",
  ];
}
