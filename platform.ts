import * as k8s from "@pulumi/kubernetes";
import { gatewayConfig } from "./collector-config/gateway.ts";
import { renderCollectorConfig } from "./collector-config/render.ts";
import { samplerConfig } from "./collector-config/sampler.ts";
import { ExampleHello } from "./components/example-hello.ts";
import { Gateway } from "./components/gateway.ts";
import { Namespace } from "./components/namespace.ts";
import { Sampler } from "./components/sampler.ts";
import { endpoints, type Endpoints } from "./config/endpoints.ts";
import type { PlatformSecrets } from "./config/platform-secrets.ts";
import type { Settings } from "./config/settings.ts";
import { edges } from "./config/topology.ts";
import { helloImageReference } from "./examples/hello/image.ts";

/** What a stack tells those who use it. */
export interface PlatformOutputs {
  readonly namespace: string;
  readonly endpoints: Endpoints;
  /** Where people open Grafana, if they can. */
  readonly grafanaUrl: string | undefined;
}

/** Wires generators and components together: the one place that knows them all. */
export function deployPlatform(settings: Settings, secrets: PlatformSecrets): PlatformOutputs {
  const found = endpoints(settings);
  const provider = clusterProvider(settings);
  const opts = { provider };
  const { namespace } = new Namespace("namespace", { name: settings.namespace }, opts);
  const common = { namespace, images: settings.images, edges: edges(settings) };
  const { storageClass } = settings.cluster;

  new Gateway(
    "gateway",
    {
      ...common,
      settings: settings.collector.gateway,
      storageClass,
      config: renderCollectorConfig(gatewayConfig(settings, found)),
      secrets,
    },
    opts,
  );
  new Sampler(
    "sampler",
    {
      ...common,
      settings: settings.collector.sampler,
      config: renderCollectorConfig(samplerConfig(settings, found)),
    },
    opts,
  );
  if (settings.examples.includes("hello")) {
    const image = helloImageReference(settings.images.registry);
    new ExampleHello("hello", { settings, endpoints: found, image }, opts);
  }
  return {
    namespace: settings.namespace,
    endpoints: found,
    grafanaUrl: settings.grafana.enabled ? (settings.grafana.rootUrl ?? found.grafana) : undefined,
  };
}

/** The cluster that the stack names. All its answers are of that one cluster, whatever the kubeconfig's current one is. */
function clusterProvider({ cluster }: Settings): k8s.Provider {
  return new k8s.Provider("cluster", {
    ...(cluster.context === undefined ? {} : { context: cluster.context }),
    // The same cluster under another context or address stays the same; another name is another cluster.
    clusterIdentifier: cluster.name,
    // Names are fixed and pods roll by checksum: changing a file must not replace what holds it.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });
}
