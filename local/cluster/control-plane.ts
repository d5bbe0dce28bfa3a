import { nodeName } from "./cluster.ts";
import type { DaemonSettings, DaemonSpec } from "./daemon-spec.ts";
import { daemonKubeconfig } from "./kubeconfig.ts";
import type { ClusterLayout } from "./layout.ts";
import { featureGates } from "./node-config.ts";
import { certificateFiles, pemFiles, tokenKeyFiles, type CertificateName } from "./pki-files.ts";

/** The store of everything, for the API server alone. */
export function etcd({ layout, ports, programs }: DaemonSettings): DaemonSpec {
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

/** The API server, with what injection of agents needs switched on. */
export function apiServer({ layout, network, ports, programs }: DaemonSettings): DaemonSpec {
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

/** The controllers; service account tokens and pod certificates are signed here. */
export function controllerManager({
  layout,
  network,
  ports,
  programs,
}: DaemonSettings): DaemonSpec {
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

/** The scheduler. */
export function scheduler({ layout, ports, programs }: DaemonSettings): DaemonSpec {
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
