import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProofUrls } from "./backends.ts";

/** What a stand-in answers: a body that becomes JSON, or text as it is, with a status. */
export interface Answer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answers = Record<keyof ProofUrls, (url: URL) => Answer>;

export const ids = {
  trace: "4bf92f3577b34da6a3ce929d0e0e4736",
  other: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  root: "00f067aa0ba902b7",
  child: "1234567890abcdef",
} as const;

const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");

function span(id: string, name: string, durationMs: number, parent?: string): unknown {
  return {
    traceId: base64(ids.trace),
    spanId: base64(id),
    ...(parent === undefined ? {} : { parentSpanId: base64(parent) }),
    name,
    startTimeUnixNano: "1795179469439000000",
    endTimeUnixNano: `${1_795_179_469_439_000_000n + BigInt(durationMs) * 1_000_000n}`,
  };
}

/** Answers in the backends' own forms, to a request of which everything is there at once. */
export const answersWhenAllIsThere: Answers = {
  hello: () => ({ status: 201, headers: { "x-trace-id": ids.trace }, body: {} }),
  loki: () => ({ body: lokiAnswer(ids.root) }),
  tempo: () => ({
    body: tempoAnswer([
      span(ids.child, "reserve stock", 11, ids.root),
      span(ids.root, "POST /orders", 28),
    ]),
  }),
  prometheus: ({ pathname }) => ({
    body: pathname.endsWith("/query") ? valueAnswer("3") : exemplarAnswer(ids.trace),
  }),
};

export function lokiAnswer(spanId?: string): unknown {
  const stream = { service_name: "hello", severity_text: "info", trace_id: ids.trace };
  const values = [["1795179469460000000", "order placed"]];
  const result = [
    { stream: { ...stream, ...(spanId === undefined ? {} : { span_id: spanId }) }, values },
  ];
  return { status: "success", data: { resultType: "streams", result } };
}

export const noLines = { status: "success", data: { resultType: "streams", result: [] } };

export function tempoAnswer(spans: readonly unknown[]): unknown {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "hello" } }] };
  return { trace: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] } };
}

export function valueAnswer(value?: string): unknown {
  const result = value === undefined ? [] : [{ metric: {}, value: [1_795_179_470.1, value] }];
  return { status: "success", data: { resultType: "vector", result } };
}

export function exemplarAnswer(...traceIds: string[]): unknown {
  const exemplars = traceIds.map((id, index) => ({
    labels: { trace_id: id, span_id: ids.root },
    value: "0.0275",
    timestamp: 1_795_179_469 + index,
  }));
  return { status: "success", data: [{ seriesLabels: { service_name: "hello" }, exemplars }] };
}

/** Serves the stand-ins on loopback while `work` runs. */
export async function withStandIn<T>(
  answers: Answers,
  work: (urls: ProofUrls) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    reply(answers, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await work({
      hello: `${base}/hello`,
      loki: `${base}/loki-base`,
      tempo: `${base}/tempo`,
      prometheus: `${base}/prometheus`,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function reply(answers: Answers, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const [, first = ""] = url.pathname.split("/");
  const name = (first === "loki-base" ? "loki" : first) as keyof ProofUrls;
  const { status = 200, body, headers = {} } = answers[name](url);
  response.writeHead(status, headers);
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
