import { relative } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderRecordings } from "./alerts/recordings.ts";
import { renderRules } from "./alerts/render.ts";
import { renderRouting } from "./alerts/routing.ts";
import { grafanaFiles } from "./backend-config/grafana.ts";
import { balancerConfig, balancerStopSeconds } from "./balancer-config/balancer.ts";
import { renderHaproxy } from "./balancer-config/haproxy.ts";
import { renewalScript } from "./balancer-config/renewal.ts";
import { lokiConfig } from "./backend-config/loki.ts";
import { bucketName } from "./backend-config/object-store.ts";
import { prometheusConfig } from "./backend-config/prometheus.ts";
import { tempoConfig } from "./backend-config/tempo.ts";
import { agentConfig } from "./collector-config/agent.ts";
import { clusterConfig } from "./collector-config/cluster.ts";
import { gatewayConfig } from "./collector-config/gateway.ts";
import { renderCollectorConfig } from "./collector-config/render.ts";
import { samplerConfig } from "./collector-config/sampler.ts";
import { Agent } from "./components/agent.ts";
import { Alertmanager } from "./components/alertmanager.ts";
import { Balancer } from "./components/balancer.ts";
import { ClusterCollector } from "./components/cluster-collector.ts";
import { ExampleHello } from "./components/example-hello.ts";
import { Gateway } from "./components/gateway.ts";
import { Grafana } from "./components/grafana.ts";
import { Loki } from "./components/loki.ts";
import { Namespace } from "./components/namespace.ts";
import { Prometheus } from "./components/prometheus.ts";
import { PublicIngress } from "./components/public-ingress.ts";
import { Sampler } from "./components/sampler.ts";
import { Tempo } from "./components/tempo.ts";
import { hasBalancer, hasBrowsers } from "./config/balancing.ts";
import { roleAnnotation } from "./config/cloud-rules.ts";
import { endpoints, type Endpoints } from "./config/endpoints.ts";
import { fanOutTargets } from "./config/fan-out.ts";
import { agentsNamespace } from "./config/namespaces.ts";
import type { PlatformSecrets } from "./config/platform-secrets.ts";
import type { Settings } from "./config/settings.ts";
import { drains, stopTimes } from "./config/stopping.ts";
import { edges, type Edge } from "./config/topology.ts";
import { dashboards } from "./dashboards/dashboards.ts";
import { drainImage } from "./drain/image.ts";
import { helloImage } from "./examples/hello/image.ts";

/** What a stack tells those who use it. */
export interface PlatformOutputs {
  readonly namespace: string;
  /** Where everything is found; Grafana where people open it, if the stack says so. */
  readonly endpoints: Omit<Endpoints, "grafana"> & { readonly grafana?: string };
}

/** What every part is made from. */
interface Plan {
  readonly settings: Settings;
  readonly secrets: PlatformSecrets;
  readonly endpoints: Endpoints;
  readonly edges: readonly Edge[];
  readonly namespace: pulumi.Output<string>;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** Wires generators and components together: the one place that knows them all. */
export async function deployPlatform(
  settings: Settings,
  secrets: PlatformSecrets,
): Promise<PlatformOutputs> {
  const found = endpoints(settings);
  const opts = { provider: clusterProvider(settings) };
  const { namespace } = new Namespace(
    "namespace",
    { name: settings.namespace, podSecurity: "restricted" },
    opts,
  );
  const plan = { settings, secrets, endpoints: found, edges: edges(settings), namespace, opts };
  await deployCollectors(plan);
  deployAgents(plan);
  await deployStores(plan);
  deployAlerting(plan);
  if (settings.grafana.enabled) deployGrafana(plan);
  if (settings.examples.includes("hello")) await deployHello(plan);
  const { grafana, ...others } = found;
  const { enabled, rootUrl = grafana } = settings.grafana;
  const outputs = enabled ? { ...others, grafana: rootUrl } : others;
  return { namespace: settings.namespace, endpoints: outputs };
}

/** The cluster that the stack names. */
function clusterProvider({ cluster }: Settings): k8s.Provider {
  return new k8s.Provider("cluster", {
    ...(cluster.context === undefined ? {} : { context: cluster.context }),
    // The same cluster under another context or address stays the same; another name is another cluster.
    clusterIdentifier: cluster.name,
    // Names are fixed and pods roll by checksum: a changed file must not replace what holds it.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });
}

async function deployCollectors(plan: Plan): Promise<void> {
  const { settings, secrets, endpoints: found, namespace, edges: drawn, opts } = plan;
  const { collector, images, cluster: target } = settings;
  const common = { images, namespace, edges: drawn };
  const balancer = deployBalancer(plan);
  if (collector.balancer.kind === "ingress") {
    new PublicIngress("public-ingress", { settings, namespace }, opts);
  }
  const gateway = {
    ...common,
    settings: collector.gateway,
    storageClass: target.storageClass,
    config: renderCollectorConfig(gatewayConfig(settings, found, secrets.tokenHashes)),
    ...shownByGateways(plan),
    ...(balancer && { showsAfter: balancer }),
    stopTimes: stopTimes(settings),
    drainImage: await drainImageOf(settings),
    targets: fanOutTargets(settings),
  };
  const sampler = {
    ...common,
    settings: collector.sampler,
    config: renderCollectorConfig(samplerConfig(settings, found)),
  };
  const cluster = {
    ...common,
    settings: collector.cluster,
    config: renderCollectorConfig(clusterConfig(settings, found)),
  };
  new Gateway("gateway", gateway, opts);
  new Sampler("sampler", sampler, opts);
  new ClusterCollector("cluster-collector", cluster, opts);
}

/** In a namespace of their own: they mount folders of their node, and nothing else of the platform may. */
function deployAgents({ settings, endpoints: found, namespace, edges: drawn, opts }: Plan): void {
  const { collector, images } = settings;
  const own = new Namespace(
    "agents-namespace",
    { name: agentsNamespace(settings.namespace), podSecurity: "privileged" },
    opts,
  );
  const args = {
    settings: collector.agent,
    images,
    namespace: own.namespace,
    platformNamespace: namespace,
    nodeFolder: `${collector.agent.queue.directory}/${settings.namespace}`,
    edges: drawn,
    config: renderCollectorConfig(agentConfig(settings, found)),
  };
  new Agent("agent", args, opts);
}

/** What stands before the gateways, for senders outside. */
function deployBalancer(plan: Plan): Balancer | undefined {
  const { settings, secrets, namespace, edges: drawn, opts } = plan;
  if (!hasBalancer(settings)) return undefined;
  const { collector, images } = settings;
  const args = {
    settings: collector.balancer,
    images,
    namespace,
    edges: drawn,
    browsers: hasBrowsers(settings),
    files: {
      config: renderHaproxy(balancerConfig(settings)),
      renewal: renewalScript(),
      authorities: secrets.gatewayAuthorities ?? "",
    },
    tlsSecret: collector.gateway.public.tlsSecret,
    certificate: secrets.ingestCertificate,
    stopSeconds: balancerStopSeconds,
  };
  return new Balancer("balancer", args, opts);
}

/** The certificate and tokens of the gateways' listeners: behind a balancer, the certificate is one that only it sees. */
function shownByGateways({ settings, secrets }: Plan) {
  const { tlsSecret } = settings.collector.gateway.public;
  const tokens = secrets.ingestTokens && { ingestTokens: secrets.ingestTokens };
  const targets = secrets.fanOut && { fanOut: secrets.fanOut };
  const shown = hasBalancer(settings) ? secrets.gatewayCertificate : secrets.ingestCertificate;
  return {
    secrets: { ...tokens, ...targets, ...(shown && { ingestCertificate: shown }) },
    ...(!hasBalancer(settings) && tlsSecret !== undefined && { tlsSecret }),
  };
}

async function deployStores({ settings, secrets, endpoints: found, ...plan }: Plan): Promise<void> {
  const { namespace, edges: drawn, opts } = plan;
  const { storageKeys } = secrets;
  const common = { settings, namespace, edges: drawn };
  const stored = { ...common, storageKeys };
  const roles = await deployAwsStorage(settings);
  const annotations = (arn?: pulumi.Output<string>) => (arn ? { [roleAnnotation]: arn } : {});
  const loki = { config: lokiConfig(settings), accountAnnotations: annotations(roles?.loki) };
  const tempo = { config: tempoConfig(settings), accountAnnotations: annotations(roles?.tempo) };
  new Loki("loki", { ...stored, ...loki }, opts);
  new Tempo("tempo", { ...stored, ...tempo }, opts);
  const rules = {
    "recordings.yaml": renderRecordings(settings),
    "sightline.yaml": renderRules(settings),
  };
  const config = prometheusConfig(settings, found);
  new Prometheus("prometheus", { ...common, config, rules }, opts);
}

/** Loads the SDK of AWS only where the stack wants something of it. */
async function deployAwsStorage(settings: Settings) {
  const { aws, namespace, storage, environment, cluster } = settings;
  if (aws === undefined) return undefined;
  const { AwsStorage } = await import("./components/aws-storage.ts");
  const { roleArns } = new AwsStorage("aws-storage", {
    aws,
    namespace,
    region: storage.region,
    buckets: { loki: bucketName(storage, "lokiBucket"), tempo: bucketName(storage, "tempoBucket") },
    tags: { application: "sightline", environment, cluster: cluster.name },
  });
  return roleArns;
}

/** Built only where something runs it. */
async function drainImageOf(settings: Settings): Promise<pulumi.Input<string>> {
  const pushed = drains(settings) ? await built("drain-image", drainImage, settings) : undefined;
  return pushed ?? drainImage.reference(settings.images.registry);
}

async function deployHello({ settings, endpoints: found, opts }: Plan): Promise<void> {
  const image = helloImage.reference(settings.images.registry);
  const pushedImage = await built("hello-image", helloImage, settings);
  const args = { settings, endpoints: found, image };
  new ExampleHello("hello", pushedImage === undefined ? args : { ...args, pushedImage }, opts);
}

/** An image of the project's own as it was pushed, where the stack builds it. Loads Docker's SDK only then. */
async function built(
  name: string,
  own: typeof drainImage,
  { images: { registry, buildFor: platform } }: Settings,
): Promise<pulumi.Output<string> | undefined> {
  if (platform === undefined) return undefined;
  const { BuiltImage } = await import("./components/built-image.ts");
  const context = relative(process.cwd(), own.directory);
  return new BuiltImage(name, { image: own.reference(registry), context, platform }).reference;
}

function deployAlerting({ settings, namespace, edges: drawn, opts }: Plan): void {
  const config = renderRouting(settings);
  new Alertmanager("alertmanager", { settings, namespace, edges: drawn, config }, opts);
}

function deployGrafana({ settings, secrets, endpoints: found, ...plan }: Plan): void {
  const { namespace, edges: drawn, opts } = plan;
  const { grafanaAdminPassword: adminPassword } = secrets;
  if (adminPassword === undefined) {
    throw new Error("Grafana is on, but the secrets hold no password for its admin");
  }
  const files = grafanaFiles(settings, found);
  const boards = dashboards(settings).map(({ uid, json }) => [`${uid}.json`, json]);
  const args = {
    settings,
    namespace,
    edges: drawn,
    files,
    dashboards: Object.fromEntries(boards) as Record<string, string>,
    adminPassword,
  };
  new Grafana("grafana", args, opts);
}
