import type { ConfigIssue } from "./issue.ts";
import { hasBalancer } from "./balancing.ts";
import { ordered, type Facts, type Rule } from "./rule.ts";
import { kibPerMiB } from "./units.ts";

/** What the balancer needs before anybody connects. */
const balancerBaseMiB = 48;
/** Of one connection: an idle one takes 43 (measured, 8,500 of them), one with a request under way two buffers more. */
const connectionKiB = 96;

const gateway = "platform.collector.gateway";

function browserTenant({ settings, shown }: Facts): ConfigIssue[] {
  const { tenants, collector } = settings;
  const { origins, tenant } = collector.gateway.browser;
  if (origins.length === 0 || tenants.includes(tenant)) return [];
  const path = `${gateway}.browser.tenant`;
  const problem = `is ${shown(path)}, but platform.tenants has only ${tenants.join(", ")}`;
  return [{ path, problem, fix: `write one of these, or add ${tenant} to platform.tenants` }];
}

function browserCertificate({ settings }: Facts): ConfigIssue[] {
  const { browser, public: open } = settings.collector.gateway;
  if (browser.origins.length === 0 || open.enabled) return [];
  const path = `${gateway}.browser.origins`;
  const problem =
    "names origins, but public.enabled is false: browsers are shown the public listener's certificate";
  return [{ path, problem, fix: "set public.enabled to true, or remove the origins" }];
}

function unusedTlsSecret({ settings }: Facts): ConfigIssue[] {
  const { enabled, tlsSecret } = settings.collector.gateway.public;
  if (enabled || tlsSecret === undefined) return [];
  const path = `${gateway}.public.tlsSecret`;
  const problem = `is ${tlsSecret}, but public.enabled is false: nobody would see its certificate`;
  return [{ path, problem, fix: "set public.enabled to true, or remove it" }];
}

function ingressHost({ settings, shown }: Facts): ConfigIssue[] {
  const {
    balancer,
    gateway: { browser, public: open },
  } = settings.collector;
  if (balancer.kind !== "ingress") return [];
  const path = "platform.collector.balancer.ingress";
  const kind = `balancer.kind is ${shown("platform.collector.balancer.kind")}`;
  const issues: ConfigIssue[] = [];
  if (!open.enabled) {
    const problem = `is ingress, but public.enabled is false: it would lead nowhere`;
    const fix = "set public.enabled to true, or kind to none";
    issues.push({ path: "platform.collector.balancer.kind", problem, fix });
  }
  const { host, browserHost } = balancer.ingress;
  if (host === undefined) {
    const fix = "write the name that senders dial, such as otlp.example.com";
    issues.push({ path: `${path}.host`, problem: `is missing, but ${kind}`, fix });
  }
  if (browser.origins.length > 0 && (browserHost === undefined || browserHost === host)) {
    const problem = `is ${browserHost ?? "missing"}, but ${kind} and browser.origins names origins: only the name tells browsers' requests from the others'`;
    const fix = "write a name that no other sender dials, such as otlp-web.example.com";
    issues.push({ path: `${path}.browserHost`, problem, fix });
  }
  return issues;
}

function connectionsFit({ settings, shown }: Facts): ConfigIssue[] {
  if (!hasBalancer(settings)) return [];
  const { maxConnections, resources } = settings.collector.balancer;
  const neededMiB = balancerBaseMiB + Math.ceil((maxConnections * connectionKiB) / kibPerMiB);
  if (neededMiB <= resources.memoryMiB) return [];
  const path = "platform.collector.balancer.resources.memoryMiB";
  const other = "platform.collector.balancer.maxConnections";
  const fitting = Math.floor(((resources.memoryMiB - balancerBaseMiB) * kibPerMiB) / connectionKiB);
  const problem = `is ${shown(path)}, too little for balancer.maxConnections ${shown(other)} of ${connectionKiB} KiB each`;
  const fix = `raise it to ${neededMiB} or more, or lower maxConnections to ${Math.max(0, fitting)} or less`;
  return [{ path, problem, fix }];
}

/** Who may send from outside the cluster, and what they are shown. */
export const ingressRules: readonly Rule[] = [
  {
    name: "browser-tenant-is-known",
    why: "What browsers send would stand under a name that no other sender, policy or person knows.",
    check: browserTenant,
  },
  {
    name: "browser-needs-certificate",
    why: "No browser sends to a listener without TLS.",
    check: browserCertificate,
  },
  {
    name: "tls-secret-is-used",
    why: "Who gives a certificate expects senders to see it.",
    check: unusedTlsSecret,
  },
  {
    name: "ingress-has-names",
    why: "An ingress controller finds a backend by the name that is dialled.",
    check: ingressHost,
  },
  {
    name: "connections-fit-memory",
    why: "A balancer that is killed for its memory ends everybody's connections; one that is full lets some wait.",
    check: connectionsFit,
  },
  ordered({
    name: "source-connections-in-all",
    why: "One source cannot have more connections than all of them together.",
    lower: "platform.collector.balancer.maxConnectionsPerSource",
    upper: "platform.collector.balancer.maxConnections",
  }),
];
