import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ClusterLayout } from "./layout.ts";
import { run } from "./processes.ts";
import type { ClusterNetwork } from "./record.ts";

/** The bridge that pods are plugged into. */
export const bridgeName = "sightline0";

/** An interface's alias tells which state directory it belongs to. */
const aliasPrefix = "sightline:";

interface Link {
  readonly ifname: string;
  readonly master?: string;
  readonly ifalias?: string;
}

/** The IPv4 ranges that the machine reaches by itself, its name servers among them. */
export async function usedCidrs(): Promise<string[]> {
  const listed = await run("ip", ["-4", "-json", "route", "show", "table", "main"]);
  const routes = JSON.parse(listed.stdout || "[]") as { dst: string; dev?: string }[];
  return [
    ...routes.filter((route) => route.dev !== bridgeName).map((route) => route.dst),
    ...machineNameServers(),
  ];
}

/** The file with the machine's real name servers: systemd-resolved's stub listens where no pod can reach it. */
export function machineResolvConf(): string {
  const behindStub = "/run/systemd/resolve/resolv.conf";
  return existsSync(behindStub) ? behindStub : "/etc/resolv.conf";
}

/** The name servers in the machine's resolv.conf. */
export function machineNameServers(): string[] {
  let text = "";
  try {
    text = readFileSync(machineResolvConf(), "utf8");
  } catch {
    // A machine without one has no name servers.
  }
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].flatMap((match) => match[1] ?? []);
}

/** The state directory of the cluster whose bridge is in this network namespace. */
export async function bridgeOwner(): Promise<string | undefined> {
  const bridge = (await links()).find((link) => link.ifname === bridgeName);
  if (bridge === undefined) return undefined;
  return bridge.ifalias?.startsWith(aliasPrefix) === true
    ? bridge.ifalias.slice(aliasPrefix.length)
    : "unknown";
}

/** Where the CNI library keeps what each plugin answered; the place cannot be changed. */
const cniResults = "/var/lib/cni/results";

/** What was noted of one pod's plug. */
interface PodPlug {
  readonly file: string;
  /** The host's end; absent for a pod's own loopback. */
  readonly hostInterface: string | undefined;
}

/** Makes the bridge and the cluster's own firewall rules, each only if it is missing. */
export async function ensureHostNetwork(
  network: ClusterNetwork,
  layout: Pick<ClusterLayout, "stateDir" | "run">,
): Promise<void> {
  const address = `${network.nodeIp}/${network.podCidr.split("/")[1] ?? "24"}`;
  if ((await bridgeOwner()) === undefined) {
    await run("ip", ["link", "add", bridgeName, "type", "bridge"]);
  }
  await run("ip", ["link", "set", bridgeName, "alias", `${aliasPrefix}${layout.stateDir}`]);
  // A bridge with a fixed address keeps it when pods come and go; pods cache it as their gateway's.
  await run("ip", ["link", "set", bridgeName, "address", bridgeHardwareAddress(network.nodeIp)]);
  await run("ip", ["address", "replace", address, "dev", bridgeName]);
  await run("ip", ["link", "set", bridgeName, "up"]);
  await plugPodsIn(podPlugs(layout.run));
  await ensureFirewallRules(network);
}

/**
 * Removes the bridge, and the pods' interfaces by name: connections that still wait for an answer keep
 * a dead pod's own network, and so its interface, alive for minutes.
 */
export async function removeHostNetwork(runDir: string): Promise<void> {
  const plugs = podPlugs(runDir);
  const names = new Set(plugs.map(({ hostInterface }) => hostInterface));
  for (const link of await links()) {
    if (link.master !== bridgeName && !names.has(link.ifname)) continue;
    await run("ip", ["link", "delete", link.ifname], { allowFailure: true });
  }
  await run("ip", ["link", "delete", bridgeName], { allowFailure: true });
  for (const { file } of plugs) rmSync(file, { force: true });
}

/** A bridge that was made anew has lost the pods that were plugged into the old one. */
async function plugPodsIn(plugs: readonly PodPlug[]): Promise<void> {
  const loose = (await links()).filter(({ master }) => master === undefined);
  for (const { ifname } of loose) {
    if (!plugs.some(({ hostInterface }) => hostInterface === ifname)) continue;
    await run("ip", ["link", "set", ifname, "master", bridgeName]);
    await run("ip", ["link", "set", ifname, "type", "bridge_slave", "hairpin", "on"]);
  }
}

/** The plugs of this cluster's pods, which are told from others' by their network namespaces. */
function podPlugs(runDir: string): PodPlug[] {
  let names: string[] = [];
  try {
    names = readdirSync(cniResults);
  } catch {
    // No pod was ever plugged in on this machine.
  }
  return names.flatMap((name) => {
    const file = join(cniResults, name);
    const text = readFileSync(file, "utf8");
    if (!text.includes(`${runDir}/`)) return [];
    return [{ file, hostInterface: hostInterface(text) }];
  });
}

/** A plug's interface without a namespace is the host's; the bridge itself is listed beside it. */
export function hostInterface(cniResult: string): string | undefined {
  try {
    const { result } = JSON.parse(cniResult) as {
      result?: { interfaces?: { name: string; sandbox?: string }[] };
    };
    return result?.interfaces?.find(
      ({ name, sandbox }) => (sandbox ?? "") === "" && name !== bridgeName,
    )?.name;
  } catch {
    return undefined;
  }
}

/** The cluster's own chains: rule lists by table and chain, and where each is called from. */
export function firewallRules(network: ClusterNetwork) {
  const { podCidr, serviceCidr } = network;
  // kube-proxy has given a Service's packets a pod's address by then. Those of a Service that it does not know yet would
  // leave the machine, and a connection that did stays there.
  const strayService = `-d ${serviceCidr} -j REJECT`;
  return [
    {
      // Nobody outside the machine reaches pods, Services, kubelet or the API server by routing to them.
      table: "raw",
      chain: "SIGHTLINE-GUARD",
      calledFrom: "PREROUTING",
      rules: [podCidr, serviceCidr].map(
        (cidr) => `-d ${cidr} ! -i ${bridgeName} -m addrtype ! --src-type LOCAL -j DROP`,
      ),
    },
    {
      // Where the machine refuses to forward by default (Docker sets that), pods may still talk.
      table: "filter",
      chain: "SIGHTLINE-FORWARD",
      calledFrom: "FORWARD",
      rules: [
        strayService,
        `-i ${bridgeName} -j ACCEPT`,
        `-o ${bridgeName} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      ],
    },
    { table: "filter", chain: "SIGHTLINE-OUTPUT", calledFrom: "OUTPUT", rules: [strayService] },
    {
      table: "nat",
      chain: "SIGHTLINE-MASQUERADE",
      calledFrom: "POSTROUTING",
      rules: [`-s ${podCidr} ! -d ${podCidr} ! -o ${bridgeName} -j MASQUERADE`],
    },
  ] as const;
}

async function ensureFirewallRules(network: ClusterNetwork): Promise<void> {
  for (const { table, chain, calledFrom, rules } of firewallRules(network)) {
    const base = ["--wait", "10", "--table", table];
    // Declaring a chain empties it, so chain and rules are written as one step.
    const script = [
      `*${table}`,
      `:${chain} - [0:0]`,
      ...rules.map((rule) => `-A ${chain} ${rule}`),
    ];
    await run("iptables-restore", ["--noflush", "--wait", "10"], {
      input: `${script.join("\n")}\nCOMMIT\n`,
    });
    const call = [calledFrom, "--jump", chain];
    const called = await run("iptables", [...base, "--check", ...call], { allowFailure: true });
    if (called.exitCode !== 0) await run("iptables", [...base, "--append", ...call]);
  }
}

/** A locally administered address (02:…) that ends in the node's IP. */
export function bridgeHardwareAddress(nodeIp: string): string {
  const bytes = nodeIp.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return ["02", "51", ...bytes].join(":");
}

async function links(): Promise<Link[]> {
  const listed = await run("ip", ["-json", "link", "show"]);
  return JSON.parse(listed.stdout || "[]") as Link[];
}
