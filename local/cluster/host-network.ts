import { readFileSync } from "node:fs";
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

/** The name servers in the machine's resolv.conf. */
export function machineNameServers(): string[] {
  let text = "";
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
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

/** Makes the bridge and the cluster's own firewall rules, each only if it is missing. */
export async function ensureHostNetwork(network: ClusterNetwork, stateDir: string): Promise<void> {
  const address = `${network.nodeIp}/${network.podCidr.split("/")[1] ?? "24"}`;
  if ((await bridgeOwner()) === undefined) {
    await run("ip", ["link", "add", bridgeName, "type", "bridge"]);
  }
  await run("ip", ["link", "set", bridgeName, "alias", `${aliasPrefix}${stateDir}`]);
  // A bridge with a fixed address keeps it when pods come and go; pods cache it as their gateway's.
  await run("ip", ["link", "set", bridgeName, "address", bridgeHardwareAddress(network.nodeIp)]);
  await run("ip", ["address", "replace", address, "dev", bridgeName]);
  await run("ip", ["link", "set", bridgeName, "up"]);
  await ensureFirewallRules(network);
}

/** Removes the bridge and what is still plugged into it. */
export async function removeHostNetwork(): Promise<void> {
  const all = await links();
  for (const link of all.filter((candidate) => candidate.master === bridgeName)) {
    await run("ip", ["link", "delete", link.ifname], { allowFailure: true });
  }
  if (all.some((link) => link.ifname === bridgeName)) {
    await run("ip", ["link", "delete", bridgeName]);
  }
}

/** The cluster's own chains: rule lists by table and chain, and where each is called from. */
export function firewallRules(network: ClusterNetwork) {
  const { podCidr, serviceCidr } = network;
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
        `-i ${bridgeName} -j ACCEPT`,
        `-o ${bridgeName} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      ],
    },
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
