import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Requests } from "../generator/requests.ts";

/** How a receiver behaves on a good day and on its bad ones. */
export type Behaviour =
  | { readonly kind: "takes" }
  /** Takes all, but each request that late. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Takes nothing and says why. */
  | { readonly kind: "answers"; readonly status: number }
  /** Takes the connection and never answers. */
  | { readonly kind: "silent" };

export type Signal = Requests["signal"];

/** A request that was taken, as it came, and the path before `/v1/…`. */
export type OnRequest = (signal: Signal, body: Buffer, prefix: string) => void;

/** An OTLP receiver inside this process: the place of a backend. */
export class Sink implements AsyncDisposable {
  behaviour: Behaviour = { kind: "takes" };
  /** Requests that were taken, and those that were not. */
  taken = 0;
  turnedAway = 0;
  readonly #server: Server;
  readonly #onRequest: OnRequest;

  private constructor(server: Server, onRequest: OnRequest) {
    this.#server = server;
    this.#onRequest = onRequest;
  }

  static async start(onRequest: OnRequest): Promise<Sink> {
    const server = createServer();
    const sink = new Sink(server, onRequest);
    server.on("request", (request, response) => void sink.#serve(request, response));
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The sender gave up; it comes again.
      return;
    }
    const { behaviour } = this;
    if (behaviour.kind === "silent") {
      this.turnedAway += 1;
      return;
    }
    if (behaviour.kind === "slow") await sleep(behaviour.ms);
    if (behaviour.kind === "answers") {
      this.turnedAway += 1;
      response.writeHead(behaviour.status).end();
      return;
    }
    const [, prefix = "", signal] =
      /^(.*)\/v1\/(logs|traces|metrics)$/.exec(request.url ?? "") ?? [];
    if (signal !== "logs" && signal !== "traces" && signal !== "metrics") {
      response.writeHead(404).end();
      return;
    }
    const body = Buffer.concat(chunks);
    const isZipped = request.headers["content-encoding"] === "gzip";
    this.#onRequest(signal, isZipped ? gunzipSync(body) : body, prefix);
    this.taken += 1;
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
