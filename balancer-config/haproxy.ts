import { balancerFiles, balancerHealthPath } from "../config/balancer-mounts.ts";
import { checkBalancerConfig, heldBy } from "./check.ts";
import type { BalancerConfig, Frontend, Pool, Refusal, Table } from "./model.ts";

/** How long a sender may take for its headers, and again for its body or the beginning of a long one. */
const slowSeconds = 10;

type Section = readonly [string, ...string[]];

/** HAProxy's own file. Refuses a configuration that does not hold together, with everything that is wrong. */
export function renderHaproxy(config: BalancerConfig): string {
  checkBalancerConfig(config);
  const { frontends } = config;
  const sections: Section[] = [
    global(config),
    defaults,
    resolvers,
    own(config),
    ...frontends.map(frontend),
    ...heldBy(frontends, ({ pool }) => [pool]).map(pool),
    ...heldBy(frontends, ({ refusals }) => refusals.map((rule) => rule.refusal)).map(refusal),
    ...heldBy(frontends, ({ sources, tokens }) => [sources, ...(tokens ? [tokens] : [])]).map(
      table,
    ),
  ];
  return `${sections.map(([title, ...lines]) => [title, ...lines.map((line) => `    ${line}`)].join("\n")).join("\n\n")}\n`;
}

function global({ maxConnections, threads, stopSeconds }: BalancerConfig): Section {
  return [
    "global",
    "log stdout format raw local0 info",
    `maxconn ${maxConnections}`,
    // By itself it takes one for each core of the node, whatever the container may use.
    `nbthread ${threads}`,
    `hard-stop-after ${stopSeconds}s`,
    "ssl-default-bind-options ssl-min-ver TLSv1.2",
    "ssl-default-server-options ssl-min-ver TLSv1.2",
    // `tls.key` beside `tls.crt`, as Kubernetes keeps them.
    "ssl-load-extra-del-ext",
    `lua-load ${balancerFiles.renewal}`,
  ];
}

const defaults: Section = [
  "defaults",
  "mode http",
  "log global",
  "option httplog",
  // Of tens of thousands of requests a second only those that went wrong.
  "option dontlog-normal",
  "option dontlognull",
  "option idle-close-on-response",
  "option redispatch 1",
  "retries 3",
  // Whatever has been sent in part may have been stored: its sender decides.
  "retry-on conn-failure",
  "timeout connect 3s",
  // Headers, from the first byte on.
  `timeout http-request ${slowSeconds}s`,
  "timeout http-keep-alive 60s",
  "timeout client 60s",
  "timeout client-fin 5s",
  "timeout server 60s",
  "timeout queue 5s",
];

const resolvers: Section = [
  "resolvers cluster",
  "parse-resolv-conf",
  "accepted_payload_size 8192",
  "timeout resolve 1s",
  "timeout retry 1s",
  "resolve_retries 3",
  "hold nx 10s",
  // While the cluster's DNS is away, the addresses that are known stay; dead ones are found by their checks.
  "hold timeout 24h",
  "hold refused 24h",
  "hold other 24h",
];

function own({ ownPort }: BalancerConfig): Section {
  return [
    "frontend own",
    `bind :${ownPort}`,
    `monitor-uri ${balancerHealthPath}`,
    "http-request deny status 404 unless { path /metrics }",
    // Places for gateways that are not there would be series of their own.
    "http-request set-query no-maint&scope=global&scope=frontend&scope=backend&scope=server",
    "http-request use-service prometheus-exporter",
  ];
}

function frontend(front: Frontend): Section {
  const { listener, sources, tokens, refusals } = front;
  const alpn = listener.protocols.join(",");
  return [
    `frontend ${front.name}`,
    `bind :${listener.port} ssl crt ${balancerFiles.certificate} alpn ${alpn}`,
    `tcp-request connection track-sc0 src table ${sources.name}`,
    `tcp-request connection reject if { sc_conn_cur(0) gt ${front.maxConnectionsPerSource} }`,
    ...(tokens === undefined
      ? []
      : [
          `http-request track-sc1 req.hdr(authorization),sha2(256) table ${tokens.name} if { req.hdr(authorization) -m found }`,
        ]),
    ...refusals.flatMap(({ refusal: { name }, when }) =>
      when.map((condition) => `use_backend ${name} if ${condition}`),
    ),
    `default_backend ${front.pool.name}`,
  ];
}

function pool({ name, peers, port, healthPort, size, verifiedName, protocol }: Pool): Section {
  const verified = `ssl verify required ca-file ${balancerFiles.authority} verifyhost ${verifiedName} sni str(${verifiedName})`;
  return [
    `backend ${name}`,
    // A body, or as much of it as the buffer holds, is waited for here: what is slow takes no gateway's time.
    `http-request wait-for-body time ${slowSeconds}s`,
    "balance roundrobin",
    "option httpchk",
    "http-check send meth GET uri / ver HTTP/1.1 hdr Host gateway",
    "http-check expect status 200",
    // A gateway that joins or comes back has its share at once; one that leaves is gone from the names before it stops.
    `default-server check port ${healthPort} inter 2s fall 2 rise 1`,
    "default-server resolvers cluster resolve-prefer ipv4 init-addr none",
    `default-server ${verified} alpn ${protocol}`,
    `server-template gateway- 1-${size} ${peers}:${port}`,
  ];
}

function refusal({ name, status, text, retryAfterSeconds }: Refusal): Section {
  const retry = retryAfterSeconds === undefined ? "" : ` hdr Retry-After ${retryAfterSeconds}`;
  return [
    `backend ${name}`,
    // It is counted; a line for each would let anybody fill the logs.
    "http-request set-log-level silent",
    `http-request deny status ${status} content-type text/plain string "${text}"${retry}`,
  ];
}

function table({ name, key, store }: Table): Section {
  return [
    `backend ${name}`,
    `stick-table type ${key} size 100k expire 1m store ${store.join(",")}`,
  ];
}
