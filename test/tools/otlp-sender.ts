import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { request, type RequestOptions } from "node:https";

/** Where and how a sender outside dials. */
export interface Dialled {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly authority: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: RequestOptions["agent"];
}

const answerMs = 30_000;

/** One HTTP/1.1 request, with TLS checked; answers that come before the body has been sent count, too. */
export function send(to: Dialled, sent: HttpRequest = {}): Promise<Answer> {
  const { path = "/v1/logs", method = "POST", headers = {}, body = "", agent = false } = sent;
  return new Promise((resolve, reject) => {
    let answered = false;
    const going = request(
      {
        host: to.host,
        port: to.port,
        servername: to.serverName,
        ca: to.authority,
        path,
        method,
        agent,
        headers: {
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(body)),
          ...headers,
        },
      },
      (response) => {
        answered = true;
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        const done = () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        };
        response.once("end", done);
        response.once("error", done);
      },
    );
    going.once("error", (error) => {
      if (!answered) reject(error);
    });
    going.setTimeout(answerMs, () => going.destroy(new Error("no answer in time")));
    if (headers.expect === undefined) {
      going.end(body);
      return;
    }
    // The body follows only once it is asked for.
    going.flushHeaders();
    going.once("continue", () => going.end(body));
  });
}

/** A connection over which gRPC requests go, as a client that never dials again holds it. */
export interface GrpcConnection extends Disposable {
  /** `grpc-status`, or the HTTP status where there is none: `http 429`. */
  exportLogs(message: Buffer, headers?: Readonly<Record<string, string>>): Promise<string>;
  readonly session: ClientHttp2Session;
}

const exportPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

export function dialGrpc(to: Dialled): GrpcConnection {
  const session = connect(`https://${to.host}:${to.port}`, {
    servername: to.serverName,
    ca: to.authority,
    ALPNProtocols: ["h2"],
  });
  session.on("error", () => undefined);
  return {
    session,
    exportLogs: (message, headers = {}) =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ":method": "POST",
          ":path": exportPath,
          "content-type": "application/grpc",
          te: "trailers",
          ...headers,
        });
        let http = 0;
        let grpc: unknown;
        stream.on("response", (answer) => {
          http = Number(answer[":status"]);
          grpc = answer["grpc-status"];
        });
        stream.on("trailers", (trailers: IncomingHttpHeaders) => {
          grpc = trailers["grpc-status"];
        });
        stream.on("data", () => undefined);
        stream.once("error", reject);
        stream.once("close", () => {
          resolve(typeof grpc === "string" ? grpc : `http ${http}`);
        });
        stream.setTimeout(answerMs, () => {
          stream.destroy(new Error("no answer in time"));
        });
        const prefix = Buffer.alloc(5);
        prefix.writeUInt32BE(message.length, 1);
        stream.end(Buffer.concat([prefix, message]));
      }),
    [Symbol.dispose]: () => {
      session.destroy();
    },
  };
}

function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function keyValue(key: string, value: string): Buffer {
  return Buffer.concat([field(1, key), field(2, field(1, value))]);
}

/** An ExportLogsServiceRequest of one record, as protobuf. */
export function logMessage(text: string, resource: Readonly<Record<string, string>> = {}): Buffer {
  const attributes = Object.entries(resource).map(([key, value]) => field(1, keyValue(key, value)));
  const record = field(5, field(1, text));
  const scopeLogs = field(2, field(2, record));
  return field(1, Buffer.concat([field(1, Buffer.concat(attributes)), scopeLogs]));
}
