import { describeCluster, type Cluster } from "./cluster.ts";
import { daemonNames, type DaemonName } from "./daemon-spec.ts";
import { checkDns, checkNode, healthChecks } from "./health.ts";
import { kubeClient } from "./kube-client.ts";
import { layoutOf, stateDirectory } from "./layout.ts";
import { readRecord } from "./record.ts";
import { daemonPid, logFile } from "./supervision.ts";

export interface PartStatus {
  readonly name: DaemonName | "node" | "dns";
  readonly pid?: number;
  /** What is wrong; absent when nothing is. */
  readonly problem?: string;
  readonly logFile?: string;
}

export interface ClusterStatus {
  readonly state: "absent" | "healthy" | "broken";
  readonly cluster?: Cluster;
  readonly parts: readonly PartStatus[];
}

/** Looks at every daemon, the node and DNS, and changes nothing. */
export async function clusterStatus(options: { stateDir?: string } = {}): Promise<ClusterStatus> {
  const layout = layoutOf(options.stateDir ?? stateDirectory());
  const record = readRecord(layout);
  if (record === undefined) return { state: "absent", parts: [] };
  const server = `https://${record.network.nodeIp}:${record.ports.apiServer}`;
  const client = kubeClient(layout, server, "admin");
  const checks = healthChecks(layout, record.ports, () => client);
  const daemons = daemonNames.map(async (name): Promise<PartStatus> => {
    const pid = daemonPid(layout, name);
    const problem = pid === undefined ? "does not run" : await problemOf(checks[name]());
    return {
      name,
      logFile: logFile(layout, name),
      ...(pid === undefined ? {} : { pid }),
      ...(problem === undefined ? {} : { problem }),
    };
  });
  const services = Object.entries({ node: checkNode, dns: checkDns }).map(
    async ([name, check]): Promise<PartStatus> => {
      const problem = await problemOf(check(client));
      return { name: name as "node" | "dns", ...(problem === undefined ? {} : { problem }) };
    },
  );
  const parts = await Promise.all([...daemons, ...services]);
  client.close();
  return {
    state: parts.every(({ problem }) => problem === undefined) ? "healthy" : "broken",
    cluster: describeCluster(layout, record),
    parts,
  };
}

async function problemOf(check: Promise<void>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
