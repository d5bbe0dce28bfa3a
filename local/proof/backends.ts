import { MalformedAnswer } from "./answers.ts";

/** Where each part of the way answers, without a path. */
export interface ProofUrls {
  readonly hello: string;
  readonly loki: string;
  readonly tempo: string;
  readonly prometheus: string;
}

const requestTimeoutMs = 5_000;
const shownCharacters = 120;

/** Asks for JSON. Nothing for 404; any other refusal is an error with the answer's first words. */
export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (!response.ok) {
    throw new Error(`HTTP ${response.status} ${text.trim().slice(0, shownCharacters)}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer(
      `${new URL(url).pathname} answered no JSON: ${text.slice(0, shownCharacters)}`,
    );
  }
}

/** What the example answered to an order. */
export interface Ordered {
  readonly traceId: string;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** Places an order with the example. It names the request's trace in its answer. */
export async function placeOrder(helloUrl: string): Promise<Ordered> {
  const sentAtMs = Date.now();
  const response = await fetch(`${helloUrl}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ item: "tea", quantity: 2 }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const text = await response.text();
  if (response.status !== 201) {
    throw new Error(`HTTP ${response.status} ${text.trim().slice(0, shownCharacters)}`);
  }
  const traceId = response.headers.get("x-trace-id") ?? "";
  if (!/^[0-9a-f]{32}$/.test(traceId) || /^0+$/.test(traceId)) {
    throw new MalformedAnswer(
      `hello answered without a trace id (x-trace-id: "${traceId}"), so its OpenTelemetry SDK does not run`,
    );
  }
  return { traceId, sentAtMs, answeredAtMs: Date.now() };
}
