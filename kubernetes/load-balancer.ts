import type { types } from "@pulumi/kubernetes";
import type { Settings } from "../config/settings.ts";
import { balancerHealthPath } from "../config/balancer-mounts.ts";

type LoadBalancerSettings = Settings["collector"]["balancer"]["loadBalancer"];

const aws = (key: string) => `service.beta.kubernetes.io/aws-load-balancer-${key}`;

/** By these the cloud's controller knows what to make. What the settings write stands above them. */
export function loadBalancerAnnotations(
  settings: LoadBalancerSettings,
  healthPort: number,
): Record<string, string> {
  const { provider, scheme, annotations } = settings;
  if (provider === "other") return { ...annotations };
  return {
    [aws("type")]: "external",
    [aws("nlb-target-type")]: "ip",
    [aws("scheme")]: scheme,
    // The limits for each source would otherwise count the load balancer's own addresses.
    [aws("target-group-attributes")]:
      "preserve_client_ip.enabled=true,deregistration_delay.timeout_seconds=30",
    [aws("attributes")]: "load_balancing.cross_zone.enabled=true",
    [aws("healthcheck-protocol")]: "HTTP",
    [aws("healthcheck-port")]: `${healthPort}`,
    [aws("healthcheck-path")]: balancerHealthPath,
    ...annotations,
  };
}

/** The Service as a cloud's load balancer: straight to the nodes with a pod, so that addresses of senders are kept. */
export function loadBalancerSpec(
  spec: types.input.core.v1.ServiceSpec,
  { sourceRanges }: LoadBalancerSettings,
): types.input.core.v1.ServiceSpec {
  return {
    ...spec,
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    ...(sourceRanges.length === 0 ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
  };
}
