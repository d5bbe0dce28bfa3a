import { hasBalancer, hasBrowsers } from "./balancing.ts";
import { fanOutTargets, targetPorts, urlPort } from "./fan-out.ts";
import { ports, type PortName, type Workload } from "./ports.ts";
import type { Settings } from "./settings.ts";
import { drains } from "./stopping.ts";

/** Parties that are not pods of the platform, and how a network policy can name them. */
export const externals = {
  applications: { title: "application pods", peer: "podElsewhere" },
  scrapedPods: { title: "annotated pods", peer: "podElsewhere" },
  outside: { title: "senders outside the cluster", peer: "anywhere" },
  people: { title: "people", peer: "anywhere" },
  dns: { title: "cluster DNS", peer: "anywhere" },
  kubernetesApi: { title: "Kubernetes API", peer: "anywhere" },
  kubelets: { title: "kubelets", peer: "anywhere" },
  objectStore: { title: "object store", peer: "anywhere" },
  fanOutTargets: { title: "fan-out targets", peer: "anywhere" },
  webhooks: { title: "alert receivers", peer: "anywhere" },
} as const satisfies Record<string, { title: string; peer: "podElsewhere" | "anywhere" }>;

export type External = keyof typeof externals;
export type Party = Workload | External;

export type Protocol = "TCP" | "UDP";

/** One open port of an edge; without a number, any port of that protocol. */
export interface EdgePort {
  readonly number?: number;
  readonly protocol: Protocol;
}

/** `from` opens connections to `to`. Network policies, the picture in docs/ and the end-to-end tests come from these. */
export interface Edge {
  readonly from: Party;
  readonly to: Party;
  readonly ports: readonly EdgePort[];
  /** What flows, as the picture says it. */
  readonly carries: string;
}

function tcp(...numbers: number[]): EdgePort[] {
  return numbers.map((number) => ({ number, protocol: "TCP" }));
}

function to<W extends Workload>(
  from: Party,
  workload: W,
  names: readonly PortName<W>[],
  carries: string,
): Edge {
  const numbers = names.map(
    (name) => (ports[workload] as Record<string, number>)[name] ?? Number.NaN,
  );
  return { from, to: workload, ports: tcp(...numbers), carries };
}

function ingest(settings: Settings): Edge[] {
  const edges = [
    to("applications", "agent", ["otlpGrpc", "otlpHttp"], "OTLP"),
    to("applications", "agent", ["fluentForward"], "Fluent Forward"),
    to("agent", "gateway", ["agents"], "logs, metrics, spans"),
    to("cluster", "gateway", ["agents"], "cluster state, events"),
    to("gateway", "loki", ["http"], "logs"),
    to("gateway", "prometheus", ["http"], "metrics"),
    to("gateway", "sampler", ["otlpGrpc"], "spans by trace id"),
    to("sampler", "tempo", ["otlpHttp"], "kept traces"),
    to("sampler", "prometheus", ["http"], "request metrics of all traces"),
  ];
  return [...fromOutside(settings), ...edges];
}

/** Senders outside come in by the balancer, or where there is none by the gateways themselves. */
function fromOutside(settings: Settings): Edge[] {
  if (!settings.collector.gateway.public.enabled) return [];
  const browsers = hasBrowsers(settings) ? (["browserHttp"] as const) : [];
  const names = ["publicGrpc", "publicHttp", ...browsers] as const;
  const carries = `OTLP, TLS and ${hasBrowsers(settings) ? "token or origin" : "token"}`;
  // An ingress controller is in another namespace or in the cloud, and asks for the gateways' health, too.
  const health = settings.collector.balancer.kind === "ingress" ? (["health"] as const) : [];
  if (!hasBalancer(settings)) return [to("outside", "gateway", [...names, ...health], carries)];
  return [
    to("outside", "balancer", names, carries),
    to("balancer", "gateway", [...names, "health"], "the same, request by request"),
  ];
}

function replication(settings: Settings): Edge[] {
  const edges: Edge[] = [];
  if (settings.loki.replicas > 1) {
    edges.push(to("loki", "loki", ["grpc", "gossip"], "replicas"));
  }
  if (settings.tempo.replicas > 1) {
    edges.push(to("tempo", "tempo", ["grpc", "gossip"], "replicas"));
  }
  if (settings.alertmanager.replicas > 1) {
    const number = ports.alertmanager.gossip;
    edges.push({
      from: "alertmanager",
      to: "alertmanager",
      ports: [
        { number, protocol: "TCP" },
        { number, protocol: "UDP" },
      ],
      carries: "what was told",
    });
  }
  return edges;
}

function scraping(settings: Settings): Edge[] {
  const edges = [
    to("prometheus", "agent", ["metrics"], "scrape"),
    to("prometheus", "cluster", ["metrics"], "scrape"),
    to("prometheus", "gateway", ["metrics"], "scrape"),
    to("prometheus", "sampler", ["metrics"], "scrape"),
    to("prometheus", "loki", ["http"], "scrape"),
    to("prometheus", "tempo", ["http"], "scrape"),
    to("prometheus", "prometheus", ["http"], "scrape"),
    to("prometheus", "alertmanager", ["http"], "alerts, scrape"),
  ];
  return [
    ...edges,
    ...(hasBalancer(settings) ? [to("prometheus", "balancer", ["metrics"], "scrape")] : []),
    ...(settings.grafana.enabled ? [to("prometheus", "grafana", ["http"], "scrape")] : []),
  ];
}

function reading(settings: Settings): Edge[] {
  if (!settings.grafana.enabled) return [];
  return [
    to("people", "grafana", ["http"], "dashboards"),
    to("grafana", "loki", ["http"], "LogQL"),
    to("grafana", "tempo", ["http"], "TraceQL"),
    to("grafana", "prometheus", ["http"], "PromQL"),
    to("grafana", "alertmanager", ["http"], "silences"),
  ];
}

function external(settings: Settings): Edge[] {
  const { apiServerPorts, kubeletPort } = settings.cluster;
  const api = tcp(...apiServerPorts);
  const edges: Edge[] = [
    { from: "agent", to: "kubernetesApi", ports: api, carries: "pod metadata" },
    { from: "agent", to: "kubelets", ports: tcp(kubeletPort), carries: "disk use" },
    { from: "cluster", to: "kubernetesApi", ports: api, carries: "state, events, election" },
    { from: "prometheus", to: "kubernetesApi", ports: api, carries: "discovery" },
    {
      from: "prometheus",
      to: "kubelets",
      ports: tcp(kubeletPort),
      carries: "kubelet and cAdvisor",
    },
    { from: "prometheus", to: "scrapedPods", ports: [{ protocol: "TCP" }], carries: "scrape" },
  ];
  if (drains(settings)) {
    edges.push({
      from: "gateway",
      to: "kubernetesApi",
      ports: api,
      carries: "how many are wanted",
    });
  }
  if (settings.storage.kind === "s3") {
    const store = tcp(objectStorePort(settings.storage.endpoint));
    edges.push(
      { from: "loki", to: "objectStore", ports: store, carries: "chunks and index" },
      { from: "tempo", to: "objectStore", ports: store, carries: "blocks" },
    );
  }
  for (const target of fanOutTargets(settings)) {
    const numbers = new Set(targetPorts(target));
    if (numbers.size === 0) continue;
    const carries = `copies for ${target.name}`;
    edges.push({ from: "gateway", to: "fanOutTargets", ports: tcp(...numbers), carries });
  }
  if (settings.alertmanager.webhooks.length > 0) {
    const numbers = new Set(settings.alertmanager.webhooks.map(urlPort));
    edges.push({ from: "alertmanager", to: "webhooks", ports: tcp(...numbers), carries: "alerts" });
  }
  return edges;
}

function objectStorePort(endpoint: string | undefined): number {
  return endpoint === undefined ? 443 : urlPort(endpoint);
}

/** The workloads that this stack runs. */
export function deployedWorkloads(settings: Settings): Workload[] {
  const all = Object.keys(ports) as Workload[];
  const left: Partial<Record<Workload, boolean>> = {
    grafana: !settings.grafana.enabled,
    balancer: !hasBalancer(settings),
  };
  return all.filter((workload) => left[workload] !== true);
}

/** Every connection that this stack makes or takes. Anything else is refused by the network policies. */
export function edges(settings: Settings): Edge[] {
  const dns = deployedWorkloads(settings).map((from): Edge => ({
    from,
    to: "dns",
    ports: [
      { number: 53, protocol: "UDP" },
      { number: 53, protocol: "TCP" },
    ],
    carries: "names",
  }));
  return [
    ...ingest(settings),
    ...replication(settings),
    ...scraping(settings),
    ...reading(settings),
    ...external(settings),
    ...dns,
  ];
}
