import { basename } from "node:path";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { backendFiles, backendMounts } from "../config/backend-mounts.ts";
import { peersService } from "../config/endpoints.ts";
import { metricsPortNames, ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import type { Edge } from "../config/topology.ts";
import { images } from "../config/versions.ts";
import { makeBackend } from "../kubernetes/backend.ts";
import { platformContainer } from "../kubernetes/container.ts";
import type { WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import type { NamedPort } from "../kubernetes/ports.ts";
import { secretData } from "../kubernetes/secrets.ts";
import { headlessServiceSpec, serviceSpec } from "../kubernetes/services.ts";
import { dataVolume, statefulSetSpec } from "../kubernetes/stateful-set.ts";
import { configVolume, scratchVolume, secretVolume } from "../kubernetes/volumes.ts";

/** What Grafana owns: what people look at. */
export interface GrafanaArgs {
  readonly settings: Settings;
  readonly namespace: pulumi.Input<string>;
  readonly edges: readonly Edge[];
  /** The finished configuration. */
  readonly files: {
    readonly ini: string;
    readonly datasources: string;
    readonly dashboardProviders: string;
  };
  /** Dashboards by file name. */
  readonly dashboards: Readonly<Record<string, string>>;
  readonly adminPassword: pulumi.Input<string>;
}

const workload = "grafana";
const adminName = "grafana-admin";
const dashboardsName = "grafana-dashboards";
/** A first start makes the database, and one after an update moves it on. */
const startSeconds = 300;
const graceSeconds = 30;
/** Sockets between Grafana and its plugins, and what is being downloaded by a browser. */
const scratchMiB = 256;
const http: NamedPort = {
  name: metricsPortNames.withApi,
  number: ports.grafana.http,
  appProtocol: "http",
};
/** What the API server takes in one ConfigMap is a little more. */
const mostConfigMapBytes = 1_000_000;

/**
 * Grafana, once: its database is a file on its volume, which outlives it. The password is taken from the Secret when
 * that volume is new; a later change is made in the pod by `grafana cli admin reset-admin-password`.
 */
export class Grafana extends pulumi.ComponentResource {
  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Grafana", name, {}, opts);
    const { namespace, edges, dashboards } = args;
    const problem = dashboardsProblem(dashboards);
    if (problem !== undefined) throw new pulumi.ResourceError(problem, this);
    const identity = { workload, version: images.grafana.tag, namespace } as const;
    const password = { [basename(backendFiles.grafanaAdminPassword)]: args.adminPassword };
    makeBackend(name, this, {
      identity,
      edges,
      replicas: 1,
      startSeconds,
      configs: { ...configMaps(args.files), [dashboardsName]: dashboards },
      secrets: { [adminName]: secretData(password) },
      services,
      statefulSet: replicaSpec(args, identity),
    });
    this.registerOutputs({});
  }
}

function dashboardsProblem(dashboards: GrafanaArgs["dashboards"]): string | undefined {
  const bytes = Object.values(dashboards).reduce((sum, json) => sum + Buffer.byteLength(json), 0);
  if (bytes <= mostConfigMapBytes) return undefined;
  return `the dashboards take ${bytes} bytes, and a ConfigMap holds ${mostConfigMapBytes}. Fix: give the folder a second ConfigMap, or make them smaller`;
}

/** One ConfigMap for each folder, by its name. */
function configMaps(files: GrafanaArgs["files"]): Record<string, Record<string, string>> {
  return {
    "grafana-config": { [basename(backendFiles.grafana)]: files.ini },
    "grafana-datasources": { [basename(backendFiles.grafanaDatasources)]: files.datasources },
    "grafana-dashboard-providers": {
      [basename(backendFiles.grafanaDashboardProviders)]: files.dashboardProviders,
    },
  };
}

const services = {
  [workload]: serviceSpec(workload, [http]),
  [peersService(workload)]: headlessServiceSpec(workload, [http], "readyReplicas"),
};

function replicaSpec(
  { settings, files }: GrafanaArgs,
  identity: WorkloadIdentity,
): types.input.apps.v1.StatefulSetSpec {
  return statefulSetSpec({
    workload,
    replicas: 1,
    volumeGiB: settings.grafana.volumeGiB,
    storageClass: settings.cluster.storageClass,
    template: podTemplate({
      identity,
      replicas: 1,
      uid: images.grafana.uid,
      images: settings.images,
      serviceAccount: workload,
      apiAccess: false,
      graceSeconds,
      // Not the dashboards: Grafana sees them change and loads them.
      files: { ...files },
      container: container(settings),
      volumes: [
        configVolume("config", "grafana-config"),
        configVolume("datasources", "grafana-datasources"),
        configVolume("dashboard-providers", "grafana-dashboard-providers"),
        configVolume("dashboards", dashboardsName),
        secretVolume("admin", adminName),
        scratchVolume("scratch", scratchMiB),
      ],
    }),
  });
}

function container(settings: Settings): types.input.core.v1.Container {
  const { admin, config, dashboardProviders, dashboards, data, datasources, provisioning } =
    backendMounts.grafana;
  return platformContainer({
    name: workload,
    image: "grafana",
    images: settings.images,
    size: settings.grafana.resources,
    args: [],
    env: [
      { name: "GF_PATHS_CONFIG", value: backendFiles.grafana },
      { name: "GF_PATHS_DATA", value: data },
      { name: "GF_PATHS_LOGS", value: `${data}/log` },
      { name: "GF_PATHS_PLUGINS", value: `${data}/plugins` },
      { name: "GF_PATHS_PROVISIONING", value: provisioning },
    ],
    ports: [http],
    probes: { port: http.number, readyPath: "/api/health", livePath: "/healthz", startSeconds },
    mounts: [
      { name: "config", mountPath: config, readOnly: true },
      { name: "datasources", mountPath: datasources, readOnly: true },
      { name: "dashboard-providers", mountPath: dashboardProviders, readOnly: true },
      { name: "dashboards", mountPath: dashboards, readOnly: true },
      { name: "admin", mountPath: admin, readOnly: true },
      { name: dataVolume, mountPath: data },
      { name: "scratch", mountPath: "/tmp" },
    ],
  });
}
