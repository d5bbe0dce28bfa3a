import { externals, type Edge, type Party } from "../config/topology.ts";

const begin = "<!-- picture: npm run docs -->";
const end = "<!-- end of picture -->";

/** Every workload asks for names; drawn, that would hide the rest. */
const undrawn: readonly Party[] = ["dns"];

/** The edges as a Mermaid flow chart: a solid line for what is sent, a dotted one for what Prometheus fetches. */
export function mermaidPicture(edges: readonly Edge[]): string {
  const drawn = edges.filter(
    ({ from, to }) => ![from, to].some((party) => undrawn.includes(party)),
  );
  const parties = [...new Set(drawn.flatMap(({ from, to }) => [from, to]))];
  return [
    "```mermaid",
    "flowchart LR",
    ...parties.map((party) => `  ${node(party)}`),
    ...drawn.map((edge) => `  ${line(edge)}`),
    "```",
  ].join("\n");
}

/** Workloads are boxes; whoever is not of the platform is round. */
function node(party: Party): string {
  if (!(party in externals)) return `${party}["${party}"]`;
  return `${party}(["${externals[party as keyof typeof externals].title}"])`;
}

function line({ from, to, carries, ports }: Edge): string {
  const numbers = [...new Set(ports.map(({ number }) => number ?? "any port"))].join(", ");
  const isFetched = from === "prometheus" && carries.includes("scrape");
  return `${from} ${isFetched ? "-." : "--"} "${carries}<br>${numbers}" ${isFetched ? ".->" : "-->"} ${to}`;
}

/** The page with its picture drawn anew between the marks. */
export function withPicture(page: string, picture: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(
      `the page has no place for its picture. Fix: write \`${begin}\` and \`${end}\``,
    );
  }
  return `${page.slice(0, from + begin.length)}\n\n${picture}\n\n${page.slice(to)}`;
}
