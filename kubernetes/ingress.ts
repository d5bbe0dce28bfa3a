import { serviceHost } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { ingestSecretNames } from "./ingest-secrets.ts";

/** One protocol's way through an ingress controller. */
export interface Door {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: "grpc" | "http";
  readonly path: string;
  readonly maxRequestKiB: number;
}

/** By these the controller knows what its backend speaks. What the settings write stands above them. */
export function doorAnnotations(settings: Settings, door: Door): Record<string, string> {
  const { controller, annotations } = settings.collector.balancer.ingress;
  const own = controller === "nginx" ? nginx(settings, door) : alb(door);
  return { ...own, ...annotations };
}

function nginx(settings: Settings, { protocol, maxRequestKiB }: Door): Record<string, string> {
  const key = (name: string) => `nginx.ingress.kubernetes.io/${name}`;
  const { balancer, gateway } = settings.collector;
  const secret = gateway.public.tlsSecret ?? ingestSecretNames.tls;
  return {
    [key("backend-protocol")]: protocol === "grpc" ? "GRPCS" : "HTTPS",
    [key("ssl-redirect")]: "true",
    [key("proxy-body-size")]: `${maxRequestKiB}k`,
    [key("proxy-ssl-name")]: serviceHost(settings, "gateway"),
    [key("proxy-ssl-secret")]: `${settings.namespace}/${secret}`,
    [key("limit-connections")]: `${balancer.maxConnectionsPerSource}`,
    [key("limit-rps")]: `${balancer.requestsPerSecondPerSource}`,
  };
}

function alb({ protocol }: Door): Record<string, string> {
  const key = (name: string) => `alb.ingress.kubernetes.io/${name}`;
  return {
    // One load balancer for all doors; without it, each would be given one of its own.
    [key("group.name")]: "sightline-otlp",
    [key("listen-ports")]: JSON.stringify([{ HTTPS: 443 }]),
    [key("target-type")]: "ip",
    [key("backend-protocol")]: "HTTPS",
    [key("backend-protocol-version")]: protocol === "grpc" ? "GRPC" : "HTTP1",
    [key("healthcheck-port")]: `${ports.gateway.health}`,
    [key("healthcheck-protocol")]: "HTTP",
    [key("healthcheck-path")]: "/",
    [key("success-codes")]: protocol === "grpc" ? "0-99" : "200",
  };
}
