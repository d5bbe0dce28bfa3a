import { createServer } from "node:net";
import type { ClusterNetwork, ClusterPorts } from "./record.ts";

/** First two bytes of the blocks that are tried in turn. */
const blockPrefixes = ["10.213", "10.197", "172.29", "172.23", "192.168"] as const;

const usualPorts: ClusterPorts = {
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
  apiServer: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  kubelet: 10250,
  kubeletHealth: 10248,
  proxyHealth: 10256,
  proxyMetrics: 10249,
};

/** NodePorts end at 32767 and short-lived local ports begin at 32768, so moved ports stay below both. */
const movedPorts: { first: number; last: number } = { first: 20000, last: 29999 };

/** Picks pod and service ranges that meet none of the machine's own routes and name servers. */
export function chooseNetwork(usedCidrs: readonly string[]): ClusterNetwork {
  for (const prefix of blockPrefixes) {
    const podCidr = `${prefix}.0.0/24`.replace("192.168.0.0", "192.168.213.0");
    const serviceCidr = prefix === "192.168" ? "192.168.224.0/20" : `${prefix}.16.0/20`;
    if (usedCidrs.some((used) => overlaps(used, podCidr) || overlaps(used, serviceCidr))) continue;
    return {
      podCidr,
      serviceCidr,
      nodeIp: hostAddress(podCidr, 1),
      apiServiceIp: hostAddress(serviceCidr, 1),
      dnsServiceIp: hostAddress(serviceCidr, 10),
    };
  }
  throw new Error(
    `no subnet is free for pods: the machine's routes cover ${blockPrefixes.map((prefix) => `${prefix}.0.0`).join(", ")}. ` +
      "Fix: take one of these routes away while the cluster runs",
  );
}

/** Why an earlier choice no longer holds: the machine has learnt a route of its own into it since. */
export function networkConflict(
  network: ClusterNetwork,
  usedCidrs: readonly string[],
): string | undefined {
  const { podCidr, serviceCidr } = network;
  const taken = usedCidrs.find((used) => overlaps(used, podCidr) || overlaps(used, serviceCidr));
  if (taken === undefined) return undefined;
  return (
    `the machine now reaches ${taken} another way, and the cluster has ${podCidr} and ${serviceCidr}. ` +
    'Fix: take that route away, or "npm run local:down" and start anew with other subnets'
  );
}

/** Whether two IPv4 ranges have an address in common; the default route counts as none. */
export function overlaps(left: string, right: string): boolean {
  const [a, b] = [parseCidr(left), parseCidr(right)];
  if (a === undefined || b === undefined || a.bits === 0 || b.bits === 0) return false;
  const size = 2 ** (32 - Math.min(a.bits, b.bits));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}

/**
 * Keeps the ports of daemons that run, and takes for every other its last or usual one if that is
 * free, else the next free one.
 */
export async function choosePorts(
  previous: ClusterPorts | undefined,
  inUseByCluster: ReadonlySet<keyof ClusterPorts>,
  isFree: (port: number) => Promise<boolean> = isPortFree,
): Promise<{ ports: ClusterPorts; moved: string[] }> {
  const wanted = previous ?? usualPorts;
  const ports: Record<keyof ClusterPorts, number> = { ...wanted };
  const moved: string[] = [];
  for (const name of Object.keys(usualPorts) as (keyof ClusterPorts)[]) {
    if (inUseByCluster.has(name) || (await isFree(wanted[name]))) continue;
    ports[name] = await nextFreePort(new Set(Object.values(ports)), isFree);
    moved.push(
      `port ${wanted[name]} (${name}) is taken by another program, ${ports[name]} is used`,
    );
  }
  return { ports, moved };
}

async function nextFreePort(
  taken: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean>,
): Promise<number> {
  for (let port = movedPorts.first; port <= movedPorts.last; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `no port from ${movedPorts.first} to ${movedPorts.last} is free. Fix: end a program that listens there`,
  );
}

/** Binding every address at once fails when any single one is taken. */
function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

function hostAddress(cidr: string, host: number): string {
  const address = (parseCidr(cidr)?.address ?? 0) + host;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function parseCidr(cidr: string): { address: number; bits: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(cidr);
  if (match === null) return undefined;
  const address = match.slice(1, 5).reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { address, bits: match[5] === undefined ? 32 : Number(match[5]) };
}
