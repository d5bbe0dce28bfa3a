import type { ToolName } from "./cluster.ts";
import { corednsImage, corefile, dnsDeployment, dnsLabels } from "./dns.ts";
import { machineNameServers } from "./host-network.ts";
import type { ImageSpec } from "./image-writer.ts";
import type { KubeClient, KubeObject } from "./kube-client.ts";
import { pauseImage } from "./node-config.ts";
import type { ClusterNetwork } from "./record.ts";
import { provisionerName } from "./volume-provisioner.ts";

const namespace = "kube-system";

/** An object and the collection that it is applied to. */
export interface Addon {
  readonly collection: string;
  readonly object: KubeObject & Readonly<Record<string, unknown>>;
}

/** The images that the cluster itself runs, from the built programs. */
export function clusterImages(
  programs: Readonly<Record<Extract<ToolName, "pause" | "coredns">, string>>,
): ImageSpec[] {
  return [
    {
      ref: pauseImage,
      layers: [{ files: [{ path: "/pause", source: programs.pause, mode: 0o755 }] }],
      config: { entrypoint: ["/pause"], user: "65535:65535" },
    },
    {
      ref: corednsImage,
      layers: [{ files: [{ path: "/coredns", source: programs.coredns, mode: 0o755 }] }],
      config: { entrypoint: ["/coredns"], user: "65532:65532", workingDir: "/" },
    },
  ];
}

/** What every cluster has before anything is deployed: permissions, storage class, DNS. */
export function addons(network: ClusterNetwork, nameServers = machineNameServers()): Addon[] {
  return [
    ...permissions(
      "sightline:kubelet-api",
      { kind: "User", name: "kube-apiserver-kubelet-client" },
      "system:kubelet-api-admin",
    ),
    ...permissions(
      "sightline:network-policies",
      { kind: "User", name: "sightline:network-policies" },
      [
        rule(
          "",
          ["pods", "namespaces", "nodes", "services", "endpoints"],
          ["get", "list", "watch"],
        ),
        rule("networking.k8s.io", ["networkpolicies"], ["get", "list", "watch"]),
        rule("discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"]),
      ],
    ),
    ...permissions(
      "sightline:volume-provisioner",
      { kind: "User", name: "sightline:volume-provisioner" },
      [
        rule("", ["persistentvolumeclaims"], ["list", "watch"]),
        rule("", ["persistentvolumes"], ["list", "watch", "create", "delete"]),
        rule("storage.k8s.io", ["storageclasses"], ["list"]),
      ],
    ),
    storageClass(),
    ...dns(network, nameServers),
  ];
}

/** Applies them all; each is made what it should be, whatever it was. */
export async function applyAddons(client: KubeClient, wanted: readonly Addon[]): Promise<void> {
  for (const { collection, object } of wanted) {
    await client.apply(`${collection}/${object.metadata.name}`, object);
  }
}

function storageClass(): Addon {
  return {
    collection: "/apis/storage.k8s.io/v1/storageclasses",
    object: {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "sightline-local",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: provisionerName,
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    },
  };
}

function dns(network: ClusterNetwork, nameServers: readonly string[]): Addon[] {
  const metadata = { name: "coredns", namespace, labels: dnsLabels };
  return [
    {
      collection: `/api/v1/namespaces/${namespace}/serviceaccounts`,
      object: { apiVersion: "v1", kind: "ServiceAccount", metadata },
    },
    ...permissions("sightline:coredns", { kind: "ServiceAccount", name: "coredns", namespace }, [
      rule("", ["services", "pods", "namespaces"], ["list", "watch"]),
      rule("discovery.k8s.io", ["endpointslices"], ["list", "watch"]),
    ]),
    {
      collection: `/api/v1/namespaces/${namespace}/configmaps`,
      object: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata,
        data: { Corefile: corefile(nameServers) },
      },
    },
    {
      collection: `/apis/apps/v1/namespaces/${namespace}/deployments`,
      object: { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: dnsDeployment() },
    },
    {
      collection: `/api/v1/namespaces/${namespace}/services`,
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { ...metadata, name: "kube-dns" },
        spec: {
          clusterIP: network.dnsServiceIp,
          selector: dnsLabels,
          ports: [
            { name: "dns", port: 53, protocol: "UDP" },
            { name: "dns-tcp", port: 53, protocol: "TCP" },
            { name: "metrics", port: 9153, protocol: "TCP" },
          ],
        },
      },
    },
  ];
}

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function rule(apiGroup: string, resources: string[], verbs: string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs };
}

interface Subject {
  readonly kind: "User" | "ServiceAccount";
  readonly name: string;
  readonly namespace?: string;
}

/** A role of the given rules, or a role that exists already, bound to one subject. */
function permissions(
  name: string,
  subject: Subject,
  role: string | readonly PolicyRule[],
): Addon[] {
  const group = "rbac.authorization.k8s.io";
  const common = { apiVersion: `${group}/v1`, metadata: { name } };
  const binding: Addon = {
    collection: `/apis/${group}/v1/clusterrolebindings`,
    object: {
      ...common,
      kind: "ClusterRoleBinding",
      roleRef: {
        apiGroup: group,
        kind: "ClusterRole",
        name: typeof role === "string" ? role : name,
      },
      subjects: [subject.kind === "User" ? { ...subject, apiGroup: group } : subject],
    },
  };
  if (typeof role === "string") return [binding];
  const clusterRole: Addon = {
    collection: `/apis/${group}/v1/clusterroles`,
    object: { ...common, kind: "ClusterRole", rules: role },
  };
  return [clusterRole, binding];
}
