import { basename } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { balancerFiles, balancerHealthPath, balancerMounts } from "../config/balancer-mounts.ts";
import { peersService } from "../config/endpoints.ts";
import type { CertificateSecret } from "../config/platform-secrets.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { platformContainer } from "../kubernetes/container.ts";
import { deploymentSpec } from "../kubernetes/deployment.ts";
import { tlsSecretContent } from "../kubernetes/ingest-secrets.ts";
import { loadBalancerAnnotations, loadBalancerSpec } from "../kubernetes/load-balancer.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { headlessServiceSpec, serviceAnnotations, serviceSpec } from "../kubernetes/services.ts";
import { configVolume, secretVolume } from "../kubernetes/volumes.ts";
import { makeParts } from "../kubernetes/workload-parts.ts";

type BalancerSettings = Settings["collector"]["balancer"];

/** What the balancer owns: the door for senders outside the cluster. */
export interface BalancerArgs {
  readonly settings: BalancerSettings;
  readonly images: Settings["images"];
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** Whether pages in browsers may send. */
  readonly browsers: boolean;
  readonly files: BalancerFiles;
  /** Name of the Secret with the certificate that senders see; without one, it is made of `certificate`. */
  readonly tlsSecret: string | undefined;
  readonly certificate: CertificateSecret | undefined;
  /** How long a stopping balancer finishes what it has begun. */
  readonly stopSeconds: number;
}

/** The finished files of its configuration. */
export interface BalancerFiles {
  readonly config: string;
  readonly renewal: string;
  /** The authorities that the gateways' certificate may be of. */
  readonly authorities: string;
}

const workload = "balancer";
const configName = "balancer-config";
const madeTlsName = "balancer-ingest-tls";
const startSeconds = 20;
/** Covers the time until no proxy and no cloud sends new connections to a stopping pod any more. */
const leaveSeconds = 10;
const spareSeconds = 5;

/**
 * Takes what senders outside send, and deals each request to a gateway. It keeps nothing: what it has not handed on, its
 * sender still has. A renewed certificate is taken up as it is; a changed configuration rolls it.
 */
export class Balancer extends pulumi.ComponentResource {
  constructor(name: string, args: BalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Balancer", name, {}, opts);
    const { settings, namespace, edges, certificate } = args;
    const { replicas } = settings;
    const identity = { workload, version: images.haproxy.tag, namespace } as const;
    const child = { parent: this };

    const parts = makeParts(name, this, {
      identity,
      edges,
      replicas,
      configs: { [configName]: configFiles(args.files) },
      // Made below: where the cloud's balancer stands before it, it has annotations of its own.
      services: {},
    });
    const secrets =
      args.tlsSecret !== undefined || certificate === undefined
        ? []
        : [
            new k8s.core.v1.Secret(
              madeTlsName,
              { metadata: objectMeta(identity, madeTlsName), ...tlsSecretContent(certificate) },
              child,
            ),
          ];
    makeServices(args, identity, child);
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(replicas, startSeconds)),
        spec: deploymentSpec(workload, replicas, template(args, identity)),
      },
      { parent: this, dependsOn: [...parts, ...secrets] },
    );
    this.registerOutputs({});
  }
}

function configFiles({ config, renewal, authorities }: BalancerFiles): Record<string, string> {
  return {
    [basename(balancerFiles.config)]: config,
    [basename(balancerFiles.renewal)]: renewal,
    [basename(balancerFiles.authority)]: authorities,
  };
}

function listeners({ browsers }: BalancerArgs): NamedPort[] {
  const { publicGrpc, publicHttp, browserHttp } = ports.balancer;
  return [
    { name: "public-grpc", number: publicGrpc },
    { name: "public-http", number: publicHttp },
    ...(browsers ? [{ name: "browser-http", number: browserHttp }] : []),
  ];
}

function makeServices(
  args: BalancerArgs,
  identity: WorkloadIdentity,
  child: pulumi.CustomResourceOptions,
): void {
  const { kind, loadBalancer } = args.settings;
  const open = serviceSpec(workload, listeners(args));
  const isOutside = kind === "loadBalancer";
  const annotations = {
    ...serviceAnnotations,
    ...(isOutside ? loadBalancerAnnotations(loadBalancer, ports.balancer.metrics) : {}),
  };
  new k8s.core.v1.Service(
    workload,
    {
      metadata: objectMeta(identity, workload, annotations),
      spec: isOutside ? loadBalancerSpec(open, loadBalancer) : open,
    },
    child,
  );
  const peers = peersService(workload);
  const spec = headlessServiceSpec(workload, listeners(args), "readyReplicas");
  const metadata = objectMeta(identity, peers, serviceAnnotations);
  new k8s.core.v1.Service(peers, { metadata, spec }, child);
}

function template(
  args: BalancerArgs,
  identity: WorkloadIdentity,
): types.input.core.v1.PodTemplateSpec {
  const { settings, tlsSecret, stopSeconds } = args;
  const { metrics } = ports.balancer;
  return podTemplate({
    identity,
    replicas: settings.replicas,
    uid: images.haproxy.uid,
    images: args.images,
    serviceAccount: workload,
    apiAccess: false,
    graceSeconds: leaveSeconds + stopSeconds + spareSeconds,
    files: configFiles(args.files),
    container: platformContainer({
      name: "haproxy",
      image: "haproxy",
      images: args.images,
      size: settings.resources,
      runtime: "native",
      args: ["-db", "-f", balancerFiles.config],
      ports: [...listeners(args), { name: metricsPortNames.metricsOnly, number: metrics }],
      probes: {
        port: metrics,
        readyPath: balancerHealthPath,
        livePath: balancerHealthPath,
        startSeconds,
      },
      mounts: [
        { name: "config", mountPath: balancerMounts.config, readOnly: true },
        { name: "tls", mountPath: balancerMounts.tls, readOnly: true },
      ],
      leaveSeconds,
    }),
    volumes: [configVolume("config", configName), secretVolume("tls", tlsSecret ?? madeTlsName)],
  });
}
