import * as grpc from "@grpc/grpc-js";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { rejectedRecords } from "./protocol.ts";
import type { Requests } from "./requests.ts";

/** What became of one request. */
export type Answer =
  /** Taken, but for as many records of it as were rejected. */
  | { readonly kind: "taken"; readonly rejected: number }
  /** The receiver has no room now and says so: to be sent again. */
  | { readonly kind: "refused"; readonly why: string }
  /** No answer, or none of the receiver's: to be sent again, though it may have been taken. */
  | { readonly kind: "failed"; readonly why: string }
  /** Never to be taken. */
  | { readonly kind: "rejected"; readonly why: string };

/** One client's connection, or its pool of them. */
export interface Transport {
  send(signal: Requests["signal"], body: Buffer): Promise<Answer>;
  close(): void;
}

/** Where to, and what the receiver wants to see. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly authority: string; readonly serverName: string };
  readonly token?: string;
}

const timeoutMs = 10_000;

const services = {
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
} as const;

/** Codes after which OTLP's specification has a client send again. */
const retryableCodes: readonly number[] = [
  grpc.status.CANCELLED,
  grpc.status.DEADLINE_EXCEEDED,
  grpc.status.ABORTED,
  grpc.status.OUT_OF_RANGE,
  grpc.status.UNAVAILABLE,
  grpc.status.DATA_LOSS,
  grpc.status.RESOURCE_EXHAUSTED,
];

/** The client's own words for a connection that is not there; a receiver that has no room speaks otherwise. */
const connectionTrouble = /connection|ECONN|socket|resolution|GOAWAY|RST_STREAM|stream closed/i;

function grpcAnswer({ code, details }: grpc.ServiceError): Answer {
  const why = `${grpc.status[code]} ${details}`;
  if (!retryableCodes.includes(code)) return { kind: "rejected", why };
  const says = code === grpc.status.RESOURCE_EXHAUSTED || code === grpc.status.UNAVAILABLE;
  return { kind: says && !connectionTrouble.test(details) ? "refused" : "failed", why };
}

const same = (bytes: Buffer) => bytes;

/** A gRPC client with one connection of its own, as an SDK has. */
export function grpcTransport({ host, port, tls, token }: Target): Transport {
  const credentials =
    tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(Buffer.from(tls.authority));
  const client = new grpc.Client(`${host}:${port}`, credentials, {
    // Clients of one process would otherwise share a connection, and all go to one receiver.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_send_message_length": -1,
    "grpc.initial_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 5_000,
    ...(tls === undefined ? {} : { "grpc.ssl_target_name_override": tls.serverName }),
  });
  const metadata = new grpc.Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return {
    send: (signal, body) =>
      new Promise((resolve) => {
        const deadline = Date.now() + timeoutMs;
        client.makeUnaryRequest(
          services[signal],
          same,
          same,
          body,
          metadata,
          { deadline },
          (error, response) => {
            if (error !== null) resolve(grpcAnswer(error));
            else resolve({ kind: "taken", rejected: rejectedRecords(response ?? Buffer.alloc(0)) });
          },
        );
      }),
    close: () => {
      client.close();
    },
  };
}

/** Statuses after which OTLP's specification has a client send again. */
const refusedStatuses: readonly number[] = [429, 503];
const failedStatuses: readonly number[] = [502, 504];

function httpAnswer(status: number, body: Buffer): Answer {
  if (status >= 200 && status < 300) return { kind: "taken", rejected: rejectedRecords(body) };
  const why = `HTTP ${status}`;
  if (refusedStatuses.includes(status)) return { kind: "refused", why };
  return { kind: failedStatuses.includes(status) ? "failed" : "rejected", why };
}

/** An HTTP client that keeps its connections, as an SDK does. */
export function httpTransport({ host, port, tls, token }: Target, path = ""): Transport {
  const agent =
    tls === undefined
      ? new PlainAgent({ keepAlive: true })
      : new TlsAgent({ keepAlive: true, ca: tls.authority, servername: tls.serverName });
  const start = tls === undefined ? plainRequest : tlsRequest;
  const headers = {
    "content-type": "application/x-protobuf",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    send: (signal, body) =>
      new Promise((resolve) => {
        const failed = (error: Error) => {
          resolve({ kind: "failed", why: error.message });
        };
        const options = {
          host,
          port,
          path: `${path}/v1/${signal}`,
          method: "POST",
          headers,
          agent,
        };
        const sent = start(options, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.once("error", failed);
          response.once("end", () => {
            resolve(httpAnswer(response.statusCode ?? 0, Buffer.concat(chunks)));
          });
        });
        sent.once("error", failed);
        sent.setTimeout(timeoutMs, () => sent.destroy(new Error("no answer in time")));
        sent.end(body);
      }),
    close: () => {
      agent.destroy();
    },
  };
}
