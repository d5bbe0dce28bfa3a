import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createAuthority, issueCertificate } from "../secrets/certificates.ts";
import { askFate } from "./src/fate.js";
import { readHeld } from "./src/queues.js";

const servers: Server[] = [];

async function serve(server: Server): Promise<string> {
  servers.push(server.listen(0, "127.0.0.1"));
  await new Promise((resolve) => server.once("listening", resolve));
  return String((server.address() as AddressInfo).port);
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe("the collector", () => {
  async function read(text: string, status = 200) {
    const port = await serve(
      createServer((_, answer) => {
        answer.writeHead(status).end(text);
      }),
    );
    const held = readHeld({
      metricsUrl: `http://127.0.0.1:${port}/metrics`,
      queueMetric: "queue_size",
      inFlightMetric: "in_flight",
    });
    return held.catch((error: unknown) => String(error).replace(port, "1"));
  }

  test("is read queue by queue", async () => {
    const text = [
      "# HELP queue_size of queues",
      "# TYPE queue_size gauge",
      'queue_size{data_type="logs",exporter="otlp_http/loki"} 1.2e+06',
      'queue_size{data_type="traces",exporter="a \\"quoted\\" {name}"} 3',
      'queue_size{data_type="metrics",exporter="otlp_http/prometheus-0"} 0',
      "queue_size_of_others 99",
      'in_flight{exporter="otlp_http/loki"} 2',
      'in_flight{exporter="debug"} 1 1700000000000',
      "",
    ].join("\n");
    expect(await read(text)).toEqual({
      queues: [
        { exporter: "otlp_http/loki", signal: "logs", records: 1_200_000 },
        { exporter: 'a \\"quoted\\" {name}', signal: "traces", records: 3 },
      ],
      records: 1_200_003,
      inFlight: 3,
    });
  });

  test("that counts no requests under way is judged by its queues", async () => {
    expect(await read('queue_size{exporter="a"} 0\n')).toEqual({
      queues: [],
      records: 0,
      inFlight: 0,
    });
  });

  test.each([
    ["an error", "", 503, "Error: http://127.0.0.1:1/metrics answers 503"],
    [
      "another program's metrics",
      "up 1\n",
      200,
      "Error: http://127.0.0.1:1/metrics has no queue_size",
    ],
    [
      "no number",
      'queue_size{exporter="a"} NaN\n',
      200,
      'Error: the collector\'s metrics have a line that is no number: queue_size{exporter="a"} NaN',
    ],
    [
      "half a line",
      'queue_size{exporter="a',
      200,
      "Error: the collector's metrics have a line that is no number: queue_size{exporter=\"a",
    ],
  ])("that answers with %s says nothing of its queues", async (_, text, status, message) => {
    expect(await read(text, status)).toBe(message);
  });

  test("that is not there is named", async () => {
    const held = readHeld({
      metricsUrl: "http://127.0.0.1:1/metrics",
      queueMetric: "q",
      inFlightMetric: "f",
    });
    await expect(held).rejects.toThrow("http://127.0.0.1:1/metrics does not answer: ");
  });
});

describe("the API", () => {
  let directory: string;
  let pair: { key: string; cert: string };
  const asked: string[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sightline-drain-"));
    const authority = await createAuthority("api", { validDays: 1 });
    const issued = await issueCertificate(authority, {
      commonName: "api",
      ipAddresses: ["127.0.0.1"],
      usages: ["server"],
      validDays: 1,
    });
    pair = { key: issued.privateKey, cert: issued.certificate };
    writeFileSync(join(directory, "ca.crt"), authority.certificate);
    writeFileSync(join(directory, "token"), "a-token\n");
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function ask(answer: RequestListener, pod = "gateway-2") {
    const port = await serve(createTlsServer(pair, answer));
    const where = { namespace: "sightline", pod, statefulSet: "gateway" };
    return askFate({ host: "127.0.0.1", port, directory }, where);
  }

  const answering =
    (set: object, status = 200): RequestListener =>
    ({ url, headers }, answer) => {
      asked.push(`${url ?? ""} ${headers.authorization ?? ""}`);
      answer.writeHead(status).end(JSON.stringify(set));
    };

  test.each([
    ["gateway-1", { spec: { replicas: 2 } }, "returns", "gateway wants 2 replicas"],
    ["gateway-2", { spec: { replicas: 2 } }, "leaves", "gateway wants 2 replicas"],
    ["gateway-2", { spec: { replicas: 3 } }, "returns", "gateway wants 3 replicas"],
    ["gateway-0", { spec: { replicas: 0 } }, "leaves", "gateway wants 0 replicas"],
    [
      "gateway-6",
      { spec: { replicas: 2, ordinals: { start: 5 } } },
      "returns",
      "gateway wants 2 replicas",
    ],
    [
      "gateway-4",
      { spec: { replicas: 2, ordinals: { start: 5 } } },
      "leaves",
      "gateway wants 2 replicas",
    ],
    [
      "gateway-2",
      { metadata: { deletionTimestamp: "2030-01-01T00:00:00Z" }, spec: { replicas: 2 } },
      "removed",
      "gateway is being removed",
    ],
    ["gateway-2", {}, "unknown", "gateway does not say how many it wants"],
  ])("tells %s by %o that it %s", async (pod, set, fate, because) => {
    expect(await ask(answering(set), pod)).toEqual({ fate, because });
    expect(asked.at(-1)).toBe(
      "/apis/apps/v1/namespaces/sightline/statefulsets/gateway Bearer a-token",
    );
  });

  test.each([
    [404, "removed", "gateway is gone"],
    [403, "unknown", "the API answers 403"],
    [500, "unknown", "the API answers 500"],
  ])("that answers %i means %s", async (status, fate, because) => {
    expect(await ask(answering({}, status))).toEqual({ fate, because });
  });

  test("that answers nonsense, or not at all, tells nothing", async () => {
    const nonsense = await ask((_, answer) => answer.end("<html>"));
    expect(nonsense).toMatchObject({ fate: "unknown" });
    const cut = await ask(({ socket }) => socket.destroy());
    expect(cut).toEqual({ fate: "unknown", because: "the API cannot be asked: socket hang up" });
  });

  test("is asked only under its own certificate, with the token of the pod", async () => {
    const where = { namespace: "sightline", pod: "gateway-2", statefulSet: "gateway" };
    const port = await serve(createTlsServer(pair, answering({ spec: { replicas: 2 } })));
    const stranger = await createAuthority("somebody else", { validDays: 1 });
    const other = mkdtempSync(join(directory, "other-"));
    const api = { host: "127.0.0.1", port, directory: other };
    expect((await askFate(api, where)).because).toContain("no such file");
    writeFileSync(join(other, "token"), "a-token\n");
    writeFileSync(join(other, "ca.crt"), stranger.certificate);
    expect(await askFate(api, where)).toMatchObject({
      fate: "unknown",
      because: expect.stringContaining("certificate") as string,
    });
  });
});
