import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { nodeName } from "./cluster.ts";
import { apiServer, controllerManager, etcd, scheduler } from "./control-plane.ts";
import type { DaemonName, DaemonSettings, DaemonSpec } from "./daemon-spec.ts";
import { daemonKubeconfig } from "./kubeconfig.ts";
import { nodeConfigFiles } from "./node-config.ts";
import { pemFiles } from "./pki-files.ts";
import type { ClusterPorts } from "./record.ts";

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
        // For cAdvisor, which otherwise looks at the distribution's socket and names no container in its metrics.
        `--containerd=${layout.containerdSocket}`,
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
      `--import=${tsxLoader()}`,
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

/** Where tsx is loaded from. Not by import.meta.resolve, which test runners do not have everywhere. */
function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}
