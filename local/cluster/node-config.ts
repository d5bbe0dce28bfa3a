import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { nodeName } from "./cluster.ts";
import { bridgeName, machineResolvConf } from "./host-network.ts";
import { daemonKubeconfig } from "./kubeconfig.ts";
import type { ClusterLayout } from "./layout.ts";
import { certificateFiles } from "./pki-files.ts";
import { writeFileWhole, type ClusterNetwork, type ClusterPorts } from "./record.ts";

/** The image that holds each pod's namespaces open. */
export const pauseImage = "localhost/sightline-pause:1";

/** The gates that the injection of agents needs before Kubernetes 1.36. */
export const featureGates = { MutatingAdmissionPolicy: true, ImageVolume: true } as const;

/** What the node's configuration depends on. */
export interface NodeSettings {
  readonly layout: ClusterLayout;
  readonly network: ClusterNetwork;
  readonly ports: ClusterPorts;
  /** Where the CNI plugins of this machine are. */
  readonly cniPlugins: string;
}

/** Where each generated file is. */
export function nodeConfigFiles(layout: ClusterLayout) {
  return {
    containerd: join(layout.config, "containerd.toml"),
    cni: join(layout.cni, "net.d", "10-sightline.conflist"),
    kubelet: join(layout.config, "kubelet.yaml"),
    proxy: join(layout.config, "kube-proxy.yaml"),
  };
}

/** Writes the configuration of containerd, the pod network, kubelet and kube-proxy. */
export function writeNodeConfig(settings: NodeSettings): void {
  const { layout } = settings;
  const files = nodeConfigFiles(layout);
  mkdirSync(join(layout.config, "static-pods"), { recursive: true });
  writeFileWhole(files.containerd, containerdConfig(settings), 0o644);
  writeFileWhole(files.cni, `${JSON.stringify(podNetwork(settings), undefined, 2)}\n`, 0o644);
  writeFileWhole(files.kubelet, dump(kubeletConfig(settings)), 0o644);
  writeFileWhole(files.proxy, dump(proxyConfig(settings)), 0o644);
}

/** containerd with every path of its own, so that another containerd on the machine is not met. */
export function containerdConfig({ layout, cniPlugins }: NodeSettings): string {
  const text = (value: string): string => JSON.stringify(value);
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `version = 2
root = ${text(layout.containerd)}
state = ${text(join(layout.run, "containerd"))}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = ${text(layout.containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
path = ${text(join(layout.containerd, "opt"))}

[${cri}]
sandbox_image = ${text(pauseImage)}
netns_mounts_under_state_dir = true
# Without CAP_SYS_RESOURCE no process may lower its score, and runc fails when told to.
restrict_oom_score_adj = true

[${cri}.cni]
bin_dir = ${text(cniPlugins)}
conf_dir = ${text(join(layout.cni, "net.d"))}

[${cri}.containerd]
snapshotter = "overlayfs"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
Root = ${text(join(layout.run, "runc"))}
SystemdCgroup = false
`;
}

/** One bridge; leaving the machine is masqueraded by a rule of our own instead of one a pod. */
export function podNetwork({ layout, network }: NodeSettings) {
  return {
    cniVersion: "0.4.0",
    name: "sightline",
    plugins: [
      {
        type: "bridge",
        bridge: bridgeName,
        isDefaultGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(layout.cni, "addresses"),
          ranges: [[{ subnet: network.podCidr, gateway: network.nodeIp }]],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

/** The kubelet's configuration; reasons stand where a value is not the default. */
export function kubeletConfig({ layout, network, ports }: NodeSettings) {
  const serving = certificateFiles(layout, "kubelet-server");
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.nodeIp,
    port: ports.kubelet,
    readOnlyPort: 0,
    healthzBindAddress: "127.0.0.1",
    healthzPort: ports.kubeletHealth,
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.privateKey,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificateFiles(layout, "cluster-ca").certificate },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    staticPodPath: join(layout.config, "static-pods"),
    volumePluginDir: join(layout.kubelet, "volume-plugins"),
    clusterDomain: "cluster.local",
    clusterDNS: [network.dnsServiceIp],
    resolvConf: machineResolvConf(),
    featureGates: { ImageVolume: featureGates.ImageVolume },
    // No systemd needs to run; both cgroup versions will do.
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${layout.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Lowering its own score needs CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    // Images are made here and can't be pulled again, so none is ever collected.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // A developer's disk is often nearly full; only a disk that is full evicts pods.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
      "imagefs.inodesFree": "1%",
    },
  };
}

/** kube-proxy by iptables, NodePorts on loopback only, the machine's connection tracking untouched. */
export function proxyConfig({ layout, network, ports }: NodeSettings) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig: daemonKubeconfig(layout, "proxy") },
    clusterCIDR: network.podCidr,
    nodePortAddresses: ["127.0.0.1/32"],
    healthzBindAddress: `127.0.0.1:${ports.proxyHealth}`,
    metricsBindAddress: `127.0.0.1:${ports.proxyMetrics}`,
    oomScoreAdj: 0,
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    },
  };
}
