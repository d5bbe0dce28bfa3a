import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { nodeName } from "./cluster.ts";
import { daemonKubeconfig } from "./kubeconfig.ts";
import type { ClusterLayout } from "./layout.ts";
import { featureGates, nodeConfigFiles } from "./node-config.ts";
import { certificateFiles, tokenKeyFiles, type CertificateName } from "./pki.ts";
import type { ClusterNetwork, ClusterPorts } from "./record.ts";

/** How a daemon is started. */
export interface DaemonSpec {
  readonly name: DaemonName;
  readonly executable: string;
  readonly args: readonly string[];
  /** Files whose content it reads once, at its start. */
  readonly files: readonly string[];
}

/** In the order in which they depend on each other; stopped the other way round. */
export const daemonNames = [
  "containerd",
  "etcd",
  "apiserver",
  "controller-manager",
  "scheduler",
  "kubelet",
  "proxy",
  "network-policies",
  "volume-provisioner",
] as const;
export type DaemonName = (typeof daemonNames)[number];

/** The executables that the daemons run. */
export interface DaemonPrograms {
  readonly containerd: string;
  readonly etcd: string;
  readonly "kube-apiserver": string;
  readonly "kube-controller-manager": string;
  readonly "kube-scheduler": string;
  readonly "kube-proxy": string;
  readonly "kube-router": string;
  readonly kubelet: string;
}

export interface DaemonSettings {
  readonly layout: ClusterLayout;
  readonly network: ClusterNetwork;
  readonly ports: ClusterPorts;
  readonly programs: DaemonPrograms;
}

/** The ports that each daemon listens on. */
export const portsOfDaemon: Readonly<Partial<Record<DaemonName, readonly (keyof ClusterPorts)[]>>> =
  {
    etcd: ["etcdClient", "etcdPeer", "etcdMetrics"],
    apiserver: ["apiServer"],
    "controller-manager": ["controllerManager"],
    scheduler: ["scheduler"],
    kubelet: ["kubelet", "kubeletHealth"],
    proxy: ["proxyHealth", "proxyMetrics"],
  };

/** Every daemon's command line. */
export function daemonSpecs(settings: DaemonSettings): Record<DaemonName, DaemonSpec> {
  const { layout, network, programs } = settings;
  const files = nodeConfigFiles(layout);
  return {
    containerd: {
      name: "containerd",
      executable: programs.containerd,
      args: [`--config=${files.containerd}`],
      files: [files.containerd],
    },
    etcd: etcd(settings),
    apiserver: apiServer(settings),
    "controller-manager": controllerManager(settings),
    scheduler: scheduler(settings),
    kubelet: {
      name: "kubelet",
      executable: programs.kubelet,
      args: [
        `--config=${files.kubelet}`,
        `--kubeconfig=${daemonKubeconfig(layout, "kubelet")}`,
        `--root-dir=${layout.kubelet}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${network.nodeIp}`,
      ],
      files: [
        files.kubelet,
        daemonKubeconfig(layout, "kubelet"),
        ...pemFiles(layout, "kubelet-server"),
      ],
    },
    proxy: {
      name: "proxy",
      executable: programs["kube-proxy"],
      args: [`--config=${files.proxy}`],
      files: [files.proxy, daemonKubeconfig(layout, "proxy")],
    },
    "network-policies": networkPolicies(settings),
    "volume-provisioner": volumeProvisioner(settings),
  };
}

/** Changes when anything does that a running daemon would not notice by itself. */
export function specHash(spec: DaemonSpec): string {
  const program = statSync(spec.executable);
  const hash = createHash("sha256");
  hash.update(JSON.stringify([spec.executable, spec.args, program.size, program.mtimeMs]));
  for (const file of spec.files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function etcd({ layout, ports, programs }: DaemonSettings): DaemonSpec {
  const client = `https://127.0.0.1:${ports.etcdClient}`;
  // No peer ever comes; etcd wants an address for one all the same.
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  const files = certificateFiles(layout, "etcd-server");
  return {
    name: "etcd",
    executable: programs.etcd,
    args: [
      `--name=${nodeName}`,
      `--data-dir=${layout.etcd}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${nodeName}=${peer}`,
      `--listen-metrics-urls=http://127.0.0.1:${ports.etcdMetrics}`,
      `--cert-file=${files.certificate}`,
      `--key-file=${files.privateKey}`,
      "--client-cert-auth",
      `--trusted-ca-file=${certificateFiles(layout, "etcd-ca").certificate}`,
      `--peer-cert-file=${files.certificate}`,
      `--peer-key-file=${files.privateKey}`,
      "--peer-client-cert-auth",
      `--peer-trusted-ca-file=${certificateFiles(layout, "etcd-ca").certificate}`,
      "--logger=zap",
      "--log-level=warn",
    ],
    files: [...pemFiles(layout, "etcd-server"), certificateFiles(layout, "etcd-ca").certificate],
  };
}

function apiServer({ layout, network, ports, programs }: DaemonSettings): DaemonSpec {
  const tokenKeys = tokenKeyFiles(layout);
  const authority = certificateFiles(layout, "cluster-ca").certificate;
  const etcdAuthority = certificateFiles(layout, "etcd-ca").certificate;
  const frontProxyAuthority = certificateFiles(layout, "front-proxy-ca").certificate;
  const gates = Object.entries(featureGates).map(([name, on]) => `${name}=${String(on)}`);
  return {
    name: "apiserver",
    executable: programs["kube-apiserver"],
    args: [
      `--bind-address=${network.nodeIp}`,
      `--advertise-address=${network.nodeIp}`,
      `--secure-port=${ports.apiServer}`,
      `--service-cluster-ip-range=${network.serviceCidr}`,
      `--etcd-servers=https://127.0.0.1:${ports.etcdClient}`,
      `--etcd-cafile=${etcdAuthority}`,
      ...pairFlags(layout, "etcd-client", "--etcd-certfile", "--etcd-keyfile"),
      `--client-ca-file=${authority}`,
      ...pairFlags(layout, "apiserver", "--tls-cert-file", "--tls-private-key-file"),
      `--kubelet-certificate-authority=${authority}`,
      ...pairFlags(
        layout,
        "apiserver-kubelet-client",
        "--kubelet-client-certificate",
        "--kubelet-client-key",
      ),
      // The node's name is known to no name server.
      "--kubelet-preferred-address-types=InternalIP",
      "--authorization-mode=Node,RBAC",
      "--anonymous-auth=false",
      "--allow-privileged=true",
      "--enable-admission-plugins=NodeRestriction",
      `--feature-gates=${gates.join(",")}`,
      "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${tokenKeys.publicKey}`,
      `--service-account-signing-key-file=${tokenKeys.privateKey}`,
      `--requestheader-client-ca-file=${frontProxyAuthority}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      ...pairFlags(
        layout,
        "front-proxy-client",
        "--proxy-client-cert-file",
        "--proxy-client-key-file",
      ),
      "--enable-aggregator-routing=true",
      "--profiling=false",
    ],
    files: [
      ...[authority, etcdAuthority, frontProxyAuthority, tokenKeys.publicKey],
      ...pemFiles(layout, "apiserver", "apiserver-kubelet-client"),
      ...pemFiles(layout, "etcd-client", "front-proxy-client"),
    ],
  };
}

function controllerManager({ layout, network, ports, programs }: DaemonSettings): DaemonSpec {
  const authority = certificateFiles(layout, "cluster-ca");
  const kubeconfig = daemonKubeconfig(layout, "controller-manager");
  return {
    name: "controller-manager",
    executable: programs["kube-controller-manager"],
    args: [
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.controllerManager}`,
      ...pairFlags(
        layout,
        "controller-manager-server",
        "--tls-cert-file",
        "--tls-private-key-file",
      ),
      ...loginFlags(kubeconfig),
      "--use-service-account-credentials=true",
      `--root-ca-file=${authority.certificate}`,
      `--service-account-private-key-file=${tokenKeyFiles(layout).privateKey}`,
      `--cluster-signing-cert-file=${authority.certificate}`,
      `--cluster-signing-key-file=${authority.privateKey}`,
      "--allocate-node-cidrs=true",
      `--cluster-cidr=${network.podCidr}`,
      `--node-cidr-mask-size=${network.podCidr.split("/")[1] ?? "24"}`,
      `--service-cluster-ip-range=${network.serviceCidr}`,
      // There is one of it, which need not wait for the lease of a killed predecessor.
      "--leader-elect=false",
      "--profiling=false",
    ],
    files: [kubeconfig, ...pemFiles(layout, "controller-manager-server", "cluster-ca")],
  };
}

function scheduler({ layout, ports, programs }: DaemonSettings): DaemonSpec {
  const kubeconfig = daemonKubeconfig(layout, "scheduler");
  return {
    name: "scheduler",
    executable: programs["kube-scheduler"],
    args: [
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.scheduler}`,
      ...pairFlags(layout, "scheduler-server", "--tls-cert-file", "--tls-private-key-file"),
      ...loginFlags(kubeconfig),
      "--leader-elect=false",
      "--profiling=false",
    ],
    files: [kubeconfig, ...pemFiles(layout, "scheduler-server")],
  };
}

/** kube-router as nothing but the enforcer of NetworkPolicies on the plain bridge. */
function networkPolicies({ layout, network, programs }: DaemonSettings): DaemonSpec {
  const kubeconfig = daemonKubeconfig(layout, "router");
  return {
    name: "network-policies",
    executable: programs["kube-router"],
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${nodeName}`,
      "--run-firewall=true",
      "--run-router=false",
      "--run-service-proxy=false",
      `--service-cluster-ip-range=${network.serviceCidr}`,
      // Its health port would listen on every address.
      "--health-port=0",
    ],
    files: [kubeconfig],
  };
}

/** Runs on the Node that runs this program; tsx lets it read TypeScript. */
function volumeProvisioner({ layout, network, ports }: DaemonSettings): DaemonSpec {
  const script = join(import.meta.dirname, "volume-provisioner.ts");
  return {
    name: "volume-provisioner",
    executable: process.execPath,
    args: [
      "--max-old-space-size=64",
      `--import=${import.meta.resolve("tsx")}`,
      script,
      layout.stateDir,
      `https://${network.nodeIp}:${ports.apiServer}`,
    ],
    files: [
      script,
      join(import.meta.dirname, "kube-client.ts"),
      ...pemFiles(layout, "provisioner"),
    ],
  };
}

function loginFlags(kubeconfig: string): string[] {
  return ["--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"].map(
    (flag) => `${flag}=${kubeconfig}`,
  );
}

function pairFlags(
  layout: ClusterLayout,
  name: CertificateName,
  certificateFlag: string,
  keyFlag: string,
): string[] {
  const files = certificateFiles(layout, name);
  return [`${certificateFlag}=${files.certificate}`, `${keyFlag}=${files.privateKey}`];
}

function pemFiles(
  layout: ClusterLayout,
  ...names: Parameters<typeof certificateFiles>[1][]
): string[] {
  return names.flatMap((name) => Object.values(certificateFiles(layout, name)));
}
