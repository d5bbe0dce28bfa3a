import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { kibPerMiB } from "../config/units.ts";
import { images } from "../config/versions.ts";
import { doorAnnotations, type Door } from "../kubernetes/ingress.ts";
import { objectMeta } from "../kubernetes/metadata.ts";

/** What the ingress owns: the doors that the cluster's ingress controller opens in the balancer's place. */
export interface PublicIngressArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
}

const workload = "gateway";
/** Every OTLP method over gRPC, and every path over HTTP. */
const grpcPath = "/opentelemetry.proto.collector.";
const httpPath = "/v1/";

/**
 * One Ingress for each protocol, since its annotations say what a backend speaks. The controller deals requests to the
 * gateways' TLS listeners, each by itself.
 */
export class PublicIngress extends pulumi.ComponentResource {
  constructor(name: string, args: PublicIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:PublicIngress", name, {}, opts);
    const { settings, namespace } = args;
    const identity = { workload, version: images.collector.tag, namespace };
    for (const door of doors(settings)) {
      const object = `gateway-${door.name}`;
      // A controller may take minutes to make what it is told; nothing here waits for its address.
      const annotations = { "pulumi.com/skipAwait": "true", ...doorAnnotations(settings, door) };
      new k8s.networking.v1.Ingress(
        object,
        { metadata: objectMeta(identity, object, annotations), spec: ingressSpec(settings, door) },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

function doors({ collector: { gateway, balancer } }: Settings): Door[] {
  const { host, browserHost } = balancer.ingress;
  if (host === undefined) throw new Error("an ingress needs a host, which the rules ask for");
  const { publicGrpc, publicHttp, browserHttp } = ports.gateway;
  const maxRequestKiB = gateway.maxRequestMiB * kibPerMiB;
  const door = (name: string, port: number, protocol: Door["protocol"], path: string): Door => ({
    name,
    host,
    port,
    protocol,
    path,
    maxRequestKiB,
  });
  return [
    door("public-grpc", publicGrpc, "grpc", grpcPath),
    door("public-http", publicHttp, "http", httpPath),
    ...(browserHost === undefined || gateway.browser.origins.length === 0
      ? []
      : [
          {
            ...door("browser-http", browserHttp, "http", httpPath),
            host: browserHost,
            maxRequestKiB: gateway.browser.maxRequestKiB,
          },
        ]),
  ];
}

function ingressSpec(settings: Settings, door: Door): types.input.networking.v1.IngressSpec {
  const { className } = settings.collector.balancer.ingress;
  const { tlsSecret } = settings.collector.gateway.public;
  return {
    ...(className === undefined ? {} : { ingressClassName: className }),
    tls: [{ hosts: [door.host], ...(tlsSecret === undefined ? {} : { secretName: tlsSecret }) }],
    rules: [
      {
        host: door.host,
        http: {
          paths: [
            {
              path: door.path,
              pathType: "ImplementationSpecific",
              backend: { service: { name: workload, port: { number: door.port } } },
            },
          ],
        },
      },
    ],
  };
}
