import { createServer } from "node:http";
import { context, trace } from "@opentelemetry/api";
import { core } from "@opentelemetry/sdk-node";
import pino from "pino";
import { failOnPurpose, OrderRefused, placeOrder } from "./orders.js";
import { flushTelemetry } from "./telemetry.js";

const port = Number(process.env.PORT || 8080);
const maxBodyBytes = 16 * 1_024;
const drainTimeoutMs = 10_000;
const flushTimeoutMs = 5_000;

const log = pino({ level: process.env.LOG_LEVEL || "info" });

async function readOrder(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new OrderRefused(`the body is over ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  let order;
  try {
    order = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new OrderRefused('the body must be JSON, such as {"item":"tea","quantity":2}');
  }
  if (order === null || typeof order !== "object") {
    throw new OrderRefused("the body must be a JSON object");
  }
  return order;
}

const routes = {
  "GET /healthz": async () => [200, { status: "ok" }],
  "POST /orders": async (request) => {
    const order = await placeOrder(await readOrder(request));
    log.info(order, "order placed");
    return [201, order];
  },
  "GET /error": async () => {
    await failOnPurpose();
  },
};

async function answer(request) {
  const { pathname } = new URL(request.url, "http://localhost");
  const route = routes[`${request.method} ${pathname}`];
  if (route === undefined) {
    return [404, { error: `no ${request.method} ${pathname}`, known: Object.keys(routes) }];
  }
  // Names the span and the duration metric by the route: the bare URL would give each its own series.
  const rpc = core.getRPCMetadata(context.active());
  if (rpc !== undefined) rpc.route = pathname;
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof OrderRefused) {
      log.warn({ reason: error.message }, "order refused");
      return [400, { error: error.message }];
    }
    log.error({ err: error }, "request failed");
    return [500, { error: "internal error" }];
  }
}

const server = createServer(async (request, response) => {
  // Lets whoever sent the request look up its trace.
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  if (traceId !== undefined) response.setHeader("x-trace-id", traceId);
  const [status, body] = await answer(request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
});

server.on("error", (error) => stop(1, error));
server.listen(port, () => log.info({ port }, "listening"));

let stopping = false;

/** Finishes the requests that are under way, then sends what telemetry is left. */
async function stop(exitCode, error) {
  if (stopping) return;
  stopping = true;
  if (error === undefined) log.info("stopping");
  else log.fatal({ err: error }, "stopping");
  if (server.listening) {
    setTimeout(() => server.closeAllConnections(), drainTimeoutMs).unref();
    await new Promise((resolve) => server.close(resolve));
  }
  const outcome = await flushTelemetry(flushTimeoutMs);
  if (outcome !== "sent") process.stderr.write(`telemetry at the end: ${outcome}\n`);
  process.exit(exitCode);
}

process.once("SIGTERM", () => stop(0));
process.once("SIGINT", () => stop(0));
process.once("uncaughtException", (error) => stop(1, error));
