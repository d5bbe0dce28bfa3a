import { readFileSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { nodeName } from "./cluster.ts";
import type { DaemonName } from "./daemon-spec.ts";
import type { KubeClient, KubeObject } from "./kube-client.ts";
import type { ClusterLayout } from "./layout.ts";
import { certificateFiles } from "./pki-files.ts";
import { run } from "./processes.ts";
import type { ClusterPorts } from "./record.ts";
import type { HealthCheck } from "./supervision.ts";
import { heartbeatFile, heartbeatSeconds } from "./volume-provisioner.ts";

const timeoutMilliseconds = 3000;

interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
}

/** How each daemon is asked whether it does its work. */
export function healthChecks(
  layout: ClusterLayout,
  ports: ClusterPorts,
  client: () => KubeClient,
): Record<DaemonName, HealthCheck> {
  return {
    containerd: async () => {
      await run("ctr", ["--address", layout.containerdSocket, "version"], { timeoutSeconds: 5 });
    },
    etcd: () => answers(`http://127.0.0.1:${ports.etcdMetrics}/health`, layout, '"health":"true"'),
    apiserver: async () => {
      await client().text("/readyz");
    },
    "controller-manager": () =>
      answers(`https://127.0.0.1:${ports.controllerManager}/healthz`, layout),
    scheduler: () => answers(`https://127.0.0.1:${ports.scheduler}/healthz`, layout),
    kubelet: () => answers(`http://127.0.0.1:${ports.kubeletHealth}/healthz`, layout),
    proxy: () => answers(`http://127.0.0.1:${ports.proxyHealth}/healthz`, layout),
    "network-policies": async () => {
      // It has no health port on loopback; its chains are what it is there for.
      await run("iptables", ["--wait", "5", "--list-rules", "KUBE-ROUTER-FORWARD"]);
    },
    "volume-provisioner": () => beats(heartbeatFile(layout), heartbeatSeconds),
  };
}

/** Throws until the node takes pods and has a range to give them addresses from. */
export async function checkNode(client: KubeClient): Promise<void> {
  const node = await client.get<Conditioned & { spec: { podCIDR?: string } }>(
    `/api/v1/nodes/${nodeName}`,
  );
  if (node.spec.podCIDR === undefined) throw new Error("the node has no pod range yet");
  requireCondition(node, "Ready");
}

/** Throws until the cluster's DNS answers. */
export async function checkDns(client: KubeClient): Promise<void> {
  const path = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
  requireCondition(await client.get<Conditioned>(path), "Available");
}

function beats(file: string, seconds: number): Promise<void> {
  const beat = statSync(file, { throwIfNoEntry: false });
  return beat !== undefined && Date.now() - beat.mtimeMs < seconds * 1000
    ? Promise.resolve()
    : Promise.reject(new Error(`no sign of life in ${file}`));
}

function requireCondition(object: Conditioned, type: string): void {
  const condition = object.status?.conditions?.find((candidate) => candidate.type === type);
  if (condition?.status !== "True") {
    throw new Error(`${object.kind} ${object.metadata.name} is not ${type.toLowerCase()} yet`);
  }
}

/** Asks an address on loopback; over https its certificate must be the cluster's. */
function answers(url: string, layout: ClusterLayout, expected = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const isTls = url.startsWith("https:");
    const authority = isTls ? readFileSync(certificateFiles(layout, "cluster-ca").certificate) : "";
    const options = { timeout: timeoutMilliseconds, agent: false, ...(isTls && { ca: authority }) };
    const outgoing = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 && text.includes(expected)) resolve();
        else reject(new Error(`${url}: ${response.statusCode ?? 0} ${text.slice(0, 200)}`));
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url}: no answer`)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}
