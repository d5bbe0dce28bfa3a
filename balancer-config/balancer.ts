import { balancerProxies, hasBrowsers } from "../config/balancing.ts";
import { peersHost, serviceHost } from "../config/endpoints.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { bytesPerMiB, bytesPerKiB } from "../config/units.ts";
import type { BalancerConfig, Frontend, Pool, Refusal, RefusalRule, Table } from "./model.ts";

/** What requests are counted over: long enough that a burst of one exporter's queue is none. */
const rateSeconds = 10;
const millicoresPerCore = 1_000;

/** How long a stopping balancer finishes what it has begun. */
export const balancerStopSeconds = 30;

const counted = [`http_req_rate(${rateSeconds}s)`] as const;
const sources: Table = { name: "sources", key: "ipv6", store: ["conn_cur", ...counted] };
/** Of their own: what a page sends must not use up what the machine behind the same address may. */
const browserSources: Table = { ...sources, name: "browser-sources" };
const tokens: Table = { name: "tokens", key: "binary len 32", store: counted };

const withoutToken: Refusal = {
  name: "refused-without-token",
  status: 401,
  text: "write your tenant's token into the header: authorization: Bearer <token>",
};
const tooFast: Refusal = {
  name: balancerProxies.tooFast,
  status: 429,
  text: "too many requests: send larger batches",
  retryAfterSeconds: rateSeconds / 2,
};
const tooLarge: Refusal = {
  name: "refused-too-large",
  status: 413,
  text: "the request is too large: send smaller batches",
};
const wrongOrigin: Refusal = {
  name: "refused-origin",
  status: 403,
  text: "pages of this origin may not send here",
};

/** The stack's own balancer: senders outside on one side, the gateways on the other. */
export function balancerConfig(settings: Settings): BalancerConfig {
  const { balancer } = settings.collector;
  return {
    maxConnections: balancer.maxConnections,
    threads: Math.max(1, Math.ceil(balancer.resources.cpuLimitMillicores / millicoresPerCore)),
    stopSeconds: balancerStopSeconds,
    ownPort: ports.balancer.metrics,
    frontends: [
      publicFrontend(settings, "grpc"),
      publicFrontend(settings, "http"),
      ...(hasBrowsers(settings) ? [browserFrontend(settings)] : []),
    ],
  };
}

function pool(settings: Settings, name: string, port: number, protocol: Pool["protocol"]): Pool {
  return {
    name: `${balancerProxies.gateways}${name}`,
    peers: peersHost(settings, "gateway"),
    port,
    healthPort: ports.gateway.health,
    size: settings.collector.gateway.replicas.max,
    verifiedName: serviceHost(settings, "gateway"),
    protocol,
  };
}

function publicFrontend(settings: Settings, kind: "grpc" | "http"): Frontend {
  const { gateway, balancer } = settings.collector;
  const isGrpc = kind === "grpc";
  const port = isGrpc ? "publicGrpc" : "publicHttp";
  const protocol = isGrpc ? "h2" : "http/1.1";
  return {
    name: `public-${kind}`,
    listener: {
      port: ports.balancer[port],
      protocols: isGrpc ? ["h2"] : ["h2", "http/1.1"],
    },
    sources,
    maxConnectionsPerSource: balancer.maxConnectionsPerSource,
    tokens,
    refusals: [
      {
        refusal: tooFast,
        when: [
          fasterThan(0, balancer.requestsPerSecondPerSource),
          fasterThan(1, balancer.requestsPerSecondPerToken),
        ],
      },
      { refusal: withoutToken, when: ["!{ req.hdr(authorization) -m found }"] },
      largerThan(gateway.maxRequestMiB * bytesPerMiB),
    ],
    pool: pool(settings, `public-${kind}`, ports.gateway[port], protocol),
  };
}

function browserFrontend(settings: Settings): Frontend {
  const { gateway, balancer } = settings.collector;
  const { origins, maxRequestKiB } = gateway.browser;
  return {
    name: "browser-http",
    listener: { port: ports.balancer.browserHttp, protocols: ["h2", "http/1.1"] },
    sources: browserSources,
    maxConnectionsPerSource: balancer.maxConnectionsPerSource,
    refusals: [
      { refusal: tooFast, when: [fasterThan(0, balancer.browserRequestsPerSecondPerSource)] },
      { refusal: wrongOrigin, when: [ofNone(origins)] },
      largerThan(maxRequestKiB * bytesPerKiB),
    ],
    pool: pool(settings, "browser-http", ports.gateway.browserHttp, "http/1.1"),
  };
}

function fasterThan(counter: number, perSecond: number): string {
  return `{ sc_http_req_rate(${counter}) gt ${perSecond * rateSeconds} }`;
}

function largerThan(bytes: number): RefusalRule {
  return { refusal: tooLarge, when: [`{ req.hdr_val(content-length) gt ${bytes} }`] };
}

/** Conditions side by side must all hold: of none of these origins. */
function ofNone(origins: readonly string[]): string {
  return origins.map((origin) => `!{ req.hdr(origin) ${originMatch(origin)} }`).join(" ");
}

/** A star stands for one name or several with dots between them, and for nothing that could end the host. */
function originMatch(origin: string): string {
  if (!origin.includes("*")) return `-m str ${origin}`;
  const [before = "", after = ""] = origin.split("*").map((part) => part.replaceAll(".", "\\."));
  return `-m reg '^${before}[a-z0-9.-]+${after}$'`;
}
