import { MissingProgramError, run } from "./processes.ts";

/** Chains that kube-proxy, kubelet, kube-router, the CNI plugins and this program make. */
const ownChain = /^(KUBE-|CNI-|SIGHTLINE-)/;

const families = [
  { command: "iptables", nftFamily: "ip" },
  { command: "ip6tables", nftFamily: "ip6" },
] as const;

interface FirewallTable {
  readonly name: string;
  readonly chains: readonly string[];
  readonly rules: readonly string[];
}

/** Reads what iptables-save prints. */
export function parseFirewall(saved: string): FirewallTable[] {
  return saved
    .split(/^\*/m)
    .slice(1)
    .map((section) => {
      const lines = section.split("\n");
      return {
        name: lines[0] ?? "",
        chains: lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []),
        rules: lines.filter((line) => line.startsWith("-A ")),
      };
    });
}

/**
 * What iptables-restore must be told to take the cluster's rules and chains out of a machine's
 * firewall, leaving every other rule in its place; undefined when there is none of them.
 */
export function removalScript(saved: string): string | undefined {
  const sections = parseFirewall(saved).flatMap((table) => {
    const chains = table.chains.filter((chain) => ownChain.test(chain));
    const calls = table.rules.filter((rule) => {
      const chain = rule.split(" ")[1] ?? "";
      // A comment may hold what looks like a target.
      const target = / -[jg] (\S+)/.exec(rule.replace(/"(\\.|[^"])*"/g, ""))?.[1] ?? "";
      return !ownChain.test(chain) && ownChain.test(target);
    });
    if (chains.length === 0 && calls.length === 0) return [];
    return [
      `*${table.name}`,
      ...calls.map((rule) => rule.replace(/^-A/, "-D")),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
      "COMMIT",
    ];
  });
  return sections.length === 0 ? undefined : `${sections.join("\n")}\n`;
}

/** The tables that each command knows of. */
export async function firewallTables(): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const { command } of families) {
    tables[command] = parseFirewall(await saveFirewall(command)).map((table) => table.name);
  }
  return tables;
}

/** Whether rules of a Kubernetes node are in this network namespace. */
export async function hasClusterRules(): Promise<boolean> {
  return removalScript(await saveFirewall("iptables")) !== undefined;
}

/** Takes the cluster's rules, chains, sets and the tables that were made for them off the machine. */
export async function restoreFirewall(
  tablesBefore: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const { command, nftFamily } of families) {
    const script = removalScript(await saveFirewall(command));
    if (script !== undefined) await run(`${command}-restore`, ["--noflush"], { input: script });
    for (const table of parseFirewall(await saveFirewall(command))) {
      const isNew = tablesBefore[command]?.includes(table.name) === false;
      if (isNew && table.rules.length === 0) await removeEmptyTable(nftFamily, table);
    }
  }
  await removeAddressSets();
}

/** Printed the same way whether or not the machine has the command or the kernel the family. */
async function saveFirewall(command: string): Promise<string> {
  try {
    return (await run(`${command}-save`, [], { allowFailure: true })).stdout;
  } catch (error) {
    if (error instanceof MissingProgramError) return "";
    throw error;
  }
}

/** Only the nft variant of iptables has tables that come and go; the other's are the kernel's. */
async function removeEmptyTable(nftFamily: string, table: FirewallTable): Promise<void> {
  const builtIn = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
  if (!table.chains.every((chain) => builtIn.includes(chain))) return;
  try {
    await run("nft", ["delete", "table", nftFamily, table.name], { allowFailure: true });
  } catch (error) {
    // Without the nft command an empty table stays, which lets everything pass.
    if (!(error instanceof MissingProgramError)) throw error;
  }
}

/** kube-router keeps the addresses of each policy in sets. */
async function removeAddressSets(): Promise<void> {
  const listed = await run("ipset", ["list", "-name"], { allowFailure: true }).catch(
    () => undefined,
  );
  const own = (listed?.stdout ?? "")
    .split("\n")
    .filter((name) => /^(inet6:)?(KUBE-|kube-router-)/.test(name));
  for (const name of own) await run("ipset", ["destroy", name], { allowFailure: true });
}
