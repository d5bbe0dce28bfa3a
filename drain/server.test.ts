import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drainImage } from "./image.ts";

interface Line {
  readonly level: string;
  readonly msg: string;
}

let collector: Server;
let metricsUrl: string;
let records = 0;
let looks = 0;
const started: ChildProcess[] = [];

beforeEach(async () => {
  looks = 0;
  collector = createServer((_, answer) => {
    looks += 1;
    answer.end(`queue_size{exporter="otlp_http/loki",data_type="logs"} ${records}\n`);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => collector.once("listening", resolve));
  metricsUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/metrics`;
});

afterEach(() => {
  collector.close();
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the program as its image does, where no API answers. */
async function start(change: Record<string, string> = {}) {
  const port = await freePort();
  const env = {
    PORT: `${port}`,
    METRICS_URL: metricsUrl,
    QUEUE_METRIC: "queue_size",
    IN_FLIGHT_METRIC: "in_flight",
    LEAVE_SECONDS: "0",
    DRAIN_SECONDS: "20",
    SETTLE_SECONDS: "1",
    POD_NAMESPACE: "sightline",
    POD_NAME: "gateway-2",
    STATEFUL_SET: "gateway",
    CLAIM: "queue",
    ACCOUNT_DIRECTORY: "/nowhere",
    ...change,
  };
  const child = spawn(process.execPath, [join(drainImage.directory, "src/server.js")], { env });
  started.push(child);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const lines = () =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = async (what: string) => {
    while (!lines().some(({ msg }) => msg.includes(what))) {
      if (child.exitCode !== null) throw new Error(`the program ended:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  return { child, lines, ended, said, get };
}

test("a call is answered once the queues are empty, and everybody who calls shares the wait", async () => {
  records = 5;
  const program = await start();
  await program.said("listening");
  expect(await program.get("/healthz")).toBe(200);
  expect(await program.get("/")).toBe(404);
  expect(looks).toBe(0);

  let answered = 0;
  const calls = [program.get("/drain"), program.get("/drain")].map((call) =>
    call.finally(() => (answered += 1)),
  );
  await program.said("5 records in its queues");
  // A probe is not held up by the wait.
  expect(await program.get("/healthz")).toBe(200);
  expect(answered).toBe(0);
  records = 0;
  expect(await Promise.all(calls)).toEqual([200, 200]);
  expect(program.lines().filter(({ msg }) => msg === "drained, nothing is left")).toHaveLength(1);

  // Another call, another wait: nothing of the first one is remembered.
  records = 7;
  const third = program.get("/drain");
  await program.said("7 records in its queues");
  records = 0;
  expect(await third).toBe(200);
});

test("told to stop while it waits, it names what is left, answers and ends", async () => {
  records = 12;
  const program = await start();
  await program.said("listening");
  const call = program.get("/drain");
  await program.said("12 records");
  program.child.kill("SIGTERM");
  expect(await call).toBe(200);
  expect(await program.ended).toBe(0);
  const warnings = program.lines().filter(({ level }) => level === "warn");
  expect(warnings.map(({ msg }) => msg)).toEqual([
    "not drained: told to stop while waiting",
    expect.stringContaining(
      "12 records of otlp_http/loki (logs) remain on volume queue-gateway-2 of namespace sightline; ",
    ),
  ]);
});

test("told to stop while nobody waits, it ends without a word", async () => {
  const program = await start();
  await program.said("listening");
  program.child.kill("SIGTERM");
  expect(await program.ended).toBe(0);
  expect(program.lines()).toHaveLength(1);
});

test("a wrong environment is told whole", async () => {
  const program = await start({ CLAIM: "", DRAIN_SECONDS: "5m" });
  expect(await program.ended).toBe(1);
  expect(program.lines().map(({ msg }) => msg)).toEqual([
    "DRAIN_SECONDS is 5m, no whole number; CLAIM is missing",
  ]);
});
