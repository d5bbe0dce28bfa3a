import { collectorFiles } from "../config/mounts.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { bytesPerMiB, kibPerMiB } from "../config/units.ts";
import { extensionLink, type ConfigMap, type Extension, type Receiver } from "./model.ts";

type GatewaySettings = Settings["collector"]["gateway"];

/** How long a connection that has reached its age may finish what it is doing. */
const connectionGrace = "30s";
/** Collectors ping each 10 s; the server's own limit of 5 minutes would end their connections for it. */
const leastPingInterval = "10s";
/** A merged batch holds several requests of the largest size; more of it than this is not expected. */
const batchOverRequest = 4;
/** How long a browser need not ask again whether a page may send: the longest that any takes. */
const preflightSeconds = 7_200;

interface OtlpArgs {
  readonly purpose: string;
  readonly source: Receiver["source"];
  readonly grpcPort?: number;
  readonly httpPort?: number;
  readonly maxRequestMiB: number;
  /** Ends connections by age, where clients have more than one replica to spread over. */
  readonly connectionAgeSeconds?: number;
  /** TLS, and what else a connection from outside must bring. */
  readonly guard?: ConfigMap;
  /** Origins of pages that browsers let send. */
  readonly origins?: readonly string[];
}

function otlp(args: OtlpArgs): Receiver {
  const { grpcPort, httpPort } = args;
  return {
    kind: "receiver",
    name: "otlp",
    purpose: args.purpose,
    source: args.source,
    config: {
      protocols: {
        grpc: grpcPort === undefined ? undefined : grpc(grpcPort, args),
        http: httpPort === undefined ? undefined : http(httpPort, args),
      },
    },
  };
}

function grpc(port: number, args: OtlpArgs): ConfigMap {
  return {
    endpoint: `0.0.0.0:${port}`,
    max_recv_msg_size_mib: args.maxRequestMiB,
    keepalive: keepalive(args.connectionAgeSeconds),
    ...args.guard,
  };
}

function http(port: number, { maxRequestMiB, guard, origins }: OtlpArgs): ConfigMap {
  return {
    endpoint: `0.0.0.0:${port}`,
    // Holds before and after decompression.
    max_request_body_size: maxRequestMiB * bytesPerMiB,
    // The receiver's own defaults wait for a slow sender for ever.
    read_header_timeout: "10s",
    read_timeout: "60s",
    write_timeout: "60s",
    idle_timeout: "60s",
    cors: origins && { allowed_origins: origins, max_age: preflightSeconds },
    ...guard,
  };
}

function keepalive(connectionAgeSeconds: number | undefined): ConfigMap {
  return {
    server_parameters:
      connectionAgeSeconds === undefined
        ? undefined
        : {
            max_connection_age: `${connectionAgeSeconds}s`,
            max_connection_age_grace: connectionGrace,
          },
    enforcement_policy: { min_time: leastPingInterval, permit_without_stream: true },
  };
}

/** The certificate that senders outside see. A renewed one is read without a restart. */
const tls: ConfigMap = {
  cert_file: collectorFiles.ingestCertificate,
  key_file: collectorFiles.ingestKey,
  min_version: "1.2",
  reload_interval: "1m",
};

/** For the agents and the cluster's collector: plain, since the network policy says who may come. */
export function agentsReceiver(gateway: GatewaySettings): Receiver {
  return otlp({
    purpose: "agents",
    // They hand on what applications send as it is.
    source: "applications",
    grpcPort: ports.gateway.agents,
    maxRequestMiB: gateway.maxRequestMiB * batchOverRequest,
    connectionAgeSeconds: gateway.connectionAgeSeconds,
  });
}

/** For the pods of an agent's node. */
export function applicationsReceiver(gateway: GatewaySettings): Receiver {
  return otlp({
    purpose: "applications",
    source: "applications",
    grpcPort: ports.agent.otlpGrpc,
    httpPort: ports.agent.otlpHttp,
    maxRequestMiB: gateway.maxRequestMiB,
  });
}

/** For senders outside the cluster. */
export function publicReceiver(gateway: GatewaySettings, tokens: Extension): Receiver {
  return otlp({
    purpose: "public",
    source: "applications",
    grpcPort: ports.gateway.publicGrpc,
    httpPort: ports.gateway.publicHttp,
    maxRequestMiB: gateway.maxRequestMiB,
    connectionAgeSeconds: gateway.connectionAgeSeconds,
    guard: {
      tls,
      auth: { authenticator: extensionLink(tokens) },
      // The token's header, for the processor that says whose it is.
      include_metadata: true,
    },
  });
}

/** For pages in browsers, which have no token to keep. */
export function browserReceiver(gateway: GatewaySettings): Receiver {
  return otlp({
    purpose: "browser",
    source: "applications",
    httpPort: ports.gateway.browserHttp,
    maxRequestMiB: gateway.browser.maxRequestKiB / kibPerMiB,
    connectionAgeSeconds: gateway.connectionAgeSeconds,
    origins: gateway.browser.origins,
    guard: { tls },
  });
}

/** For the sampler: what the gateways hand on. */
export function gatewaysReceiver(gateway: GatewaySettings): Receiver {
  return otlp({
    purpose: "gateways",
    source: "collectors",
    grpcPort: ports.sampler.otlpGrpc,
    maxRequestMiB: gateway.maxRequestMiB * batchOverRequest,
    connectionAgeSeconds: gateway.connectionAgeSeconds,
  });
}

/** For the collector itself: what leaves the queue of a target whose own exporter has none. */
export function loopbackReceiver(
  purpose: string,
  port: number,
  gateway: GatewaySettings,
): Receiver {
  return {
    kind: "receiver",
    name: "otlp",
    purpose,
    source: "collectors",
    config: {
      protocols: {
        grpc: {
          endpoint: `127.0.0.1:${port}`,
          max_recv_msg_size_mib: gateway.maxRequestMiB * batchOverRequest,
        },
      },
    },
  };
}
