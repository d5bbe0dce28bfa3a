import { hasBalancer } from "./balancing.ts";
import { namespaceOf } from "./namespaces.ts";
import { ports, type Workload } from "./ports.ts";
import type { Settings } from "./settings.ts";

/** Headless Service of a workload, under which each of its pods has a name. */
export function peersService(workload: Workload): string {
  return `${workload}-peers`;
}

/** DNS name of a workload's ordinary Service. */
export function serviceHost(settings: Settings, workload: Workload): string {
  return inNamespace(settings, workload, workload);
}

/** DNS name of a workload's headless Service. */
export function peersHost(settings: Settings, workload: Workload): string {
  return inNamespace(settings, workload, peersService(workload));
}

function inNamespace(settings: Settings, workload: Workload, service: string): string {
  const namespace = namespaceOf(workload, settings.namespace);
  return `${service}.${namespace}.svc.${settings.cluster.domain}`;
}

/** DNS name of one replica of a StatefulSet. */
export function replicaHost(settings: Settings, workload: Workload, ordinal: number): string {
  return `${workload}-${ordinal}.${peersHost(settings, workload)}`;
}

/** The workload whose Service senders outside the cluster come in by. */
export function publicWorkload(settings: Settings): "balancer" | "gateway" {
  return hasBalancer(settings) ? "balancer" : "gateway";
}

/** Where senders outside dial; an ingress takes both protocols under one name. */
function publicEndpoints(settings: Settings): Pick<Endpoints, "publicOtlpGrpc" | "publicOtlpHttp"> {
  const { kind, ingress } = settings.collector.balancer;
  if (kind === "ingress" && ingress.host !== undefined) {
    const url = `https://${ingress.host}`;
    return { publicOtlpGrpc: url, publicOtlpHttp: url };
  }
  const host = serviceHost(settings, publicWorkload(settings));
  const { publicGrpc, publicHttp } = ports.gateway;
  return {
    publicOtlpGrpc: `https://${host}:${publicGrpc}`,
    publicOtlpHttp: `https://${host}:${publicHttp}`,
  };
}

/** Base of OTLP over HTTP for machines outside the cluster: by the first name that the settings give it. */
export function outsideOtlpHttp(settings: Settings): string {
  const { publicOtlpHttp } = publicEndpoints(settings);
  const { dnsNames } = settings.collector.gateway.public;
  const name = dnsNames.find((one) => !one.startsWith("*"));
  if (settings.collector.balancer.kind === "ingress" || name === undefined) return publicOtlpHttp;
  return `https://${name}:${ports.gateway.publicHttp}`;
}

function replicaHosts(settings: Settings, workload: Workload, count: number): string[] {
  return Array.from({ length: count }, (_, ordinal) => replicaHost(settings, workload, ordinal));
}

/** Where everything is found inside the cluster, as plain strings. */
export interface Endpoints {
  /** What applications send to: the agent of their node. */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  /** host:port of that agent for Fluent Bit and Fluentd. */
  readonly fluentForward: string;
  /** Every gateway at once, for clients that balance by themselves. */
  readonly gateways: string;
  readonly publicOtlpGrpc: string;
  readonly publicOtlpHttp: string;
  readonly loki: string;
  /** OTLP base of Loki: exporters add `/v1/logs`. */
  readonly lokiOtlp: string;
  readonly tempo: string;
  /** OTLP base of Tempo: exporters add `/v1/traces`. */
  readonly tempoOtlp: string;
  /** What Grafana reads: always the same replica, since each holds everything. */
  readonly prometheus: string;
  /** OTLP base of each Prometheus: exporters add `/v1/metrics`. */
  readonly prometheusOtlp: readonly string[];
  readonly alertmanager: string;
  /** Every replica as host:port: an alert must reach all of them, so never through a Service. */
  readonly alertmanagerReplicas: readonly string[];
  /** Every sampler as host:port: a fixed list, so a restarted sampler keeps its share of the trace ids. */
  readonly samplers: readonly string[];
  readonly grafana: string;
}

export function endpoints(settings: Settings): Endpoints {
  const host = (workload: Workload) => serviceHost(settings, workload);
  const prometheusHosts = replicaHosts(settings, "prometheus", settings.prometheus.replicas);
  const alertmanagers = replicaHosts(settings, "alertmanager", settings.alertmanager.replicas);
  const samplers = replicaHosts(settings, "sampler", settings.collector.sampler.replicas);
  return {
    otlpGrpc: `http://${host("agent")}:${ports.agent.otlpGrpc}`,
    otlpHttp: `http://${host("agent")}:${ports.agent.otlpHttp}`,
    fluentForward: `${host("agent")}:${ports.agent.fluentForward}`,
    gateways: `${peersHost(settings, "gateway")}:${ports.gateway.agents}`,
    ...publicEndpoints(settings),
    loki: `http://${host("loki")}:${ports.loki.http}`,
    lokiOtlp: `http://${host("loki")}:${ports.loki.http}/otlp`,
    tempo: `http://${host("tempo")}:${ports.tempo.http}`,
    tempoOtlp: `http://${host("tempo")}:${ports.tempo.otlpHttp}`,
    prometheus: `http://${replicaHost(settings, "prometheus", 0)}:${ports.prometheus.http}`,
    prometheusOtlp: prometheusHosts.map(
      (name) => `http://${name}:${ports.prometheus.http}/api/v1/otlp`,
    ),
    alertmanager: `http://${host("alertmanager")}:${ports.alertmanager.http}`,
    alertmanagerReplicas: alertmanagers.map((name) => `${name}:${ports.alertmanager.http}`),
    samplers: samplers.map((name) => `${name}:${ports.sampler.otlpGrpc}`),
    grafana: `http://${host("grafana")}:${ports.grafana.http}`,
  };
}
