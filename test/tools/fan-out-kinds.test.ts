import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricNames } from "../../config/metric-names.ts";
import { toYaml } from "../../config/yaml.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { note, post, runGateway, sendLogs, standIn, tally } from "./fan-out-gateway.ts";
import { freePort, until } from "./loopback-collector.ts";
import { runServer } from "./loopback-server.ts";

const { collector } = metricNames;
const names = ["otelcol", "prometheus", "versitygw"] as const;
let tools: Readonly<Record<(typeof names)[number], string>>;
let directory: string;

beforeAll(async () => {
  tools = await ensureTools(names, { log: console.log });
  directory = mkdtempSync(join(tmpdir(), "sightline-fan-out-kinds-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const soon = { maxRecords: 500, timeoutMs: 200 };

async function gatewayTo(fanOut: object, env: Readonly<Record<string, string>> = {}) {
  const loki = await standIn(await freePort());
  const own = mkdtempSync(join(directory, "gateway-"));
  const gateway = await runGateway({
    binary: tools.otelcol,
    directory: own,
    fanOut,
    primary: { loki: loki.url },
    env,
  });
  return {
    gateway,
    loki,
    files: join(own, "files"),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await loki[Symbol.asyncDispose]();
    },
  };
}

/** Ids in everything below a folder, each file read as `read` says. */
function idsBelow(folder: string, read: (path: string) => string): Map<string, number> {
  const taken = new Map<string, number>();
  if (!existsSync(folder)) return taken;
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, entry);
    if (statSync(path).isFile()) note(taken, read(path));
  }
  return taken;
}

describe("OTLP", () => {
  /** A collector that asks for a token, in the place of a vendor. */
  async function vendor(port: number, file: string) {
    const health = await freePort();
    const config = {
      extensions: {
        health_check: { endpoint: `127.0.0.1:${health}` },
        bearertokenauth: { token: "right" },
      },
      receivers: {
        otlp: {
          protocols: {
            grpc: {
              endpoint: `127.0.0.1:${port}`,
              auth: { authenticator: "bearertokenauth" },
            },
          },
        },
      },
      exporters: { file: { path: file, flush_interval: "100ms" } },
      service: {
        extensions: ["health_check", "bearertokenauth"],
        telemetry: { metrics: { level: "none" } },
        pipelines: { logs: { receivers: ["otlp"], exporters: ["file"] } },
      },
    };
    const path = `${file}.yaml`;
    writeFileSync(path, toYaml(config));
    const url = `http://127.0.0.1:${health}`;
    return runServer({ binary: tools.otelcol, args: ["--config", path], url, readyPath: "/" });
  }

  it("reaches a vendor that knows the token, filtered, and none that does not", async () => {
    const port = await freePort();
    const file = join(directory, "vendor.jsonl");
    await using other = await vendor(port, file);
    const target = { endpoint: `http://127.0.0.1:${port}`, signals: ["logs"], batch: soon };
    const fanOut = {
      otlp: {
        known: {
          ...target,
          secretHeaders: { Authorization: "token" },
          filter: { services: ["shop"], minSeverity: "info" },
        },
        unknown: { ...target, secretHeaders: { Authorization: "wrong" } },
        elsewhere: {
          ...target,
          filter: { services: ["bank"] },
          secretHeaders: { Authorization: "token" },
        },
        errors: {
          ...target,
          filter: { minSeverity: "warn" },
          secretHeaders: { Authorization: "token" },
        },
      },
    };
    const env = { FAN_OUT_TOKEN: "Bearer right", FAN_OUT_WRONG: "Bearer wrong" };
    await using run = await gatewayTo(fanOut, env);
    await sendLogs(() => run.gateway.otlp, { from: 0, to: 1_000 });
    const arrived = () => {
      const taken = new Map<string, number>();
      if (existsSync(file)) note(taken, readFileSync(file, "utf8"));
      return tally(taken);
    };
    await until("the vendor has all", () => arrived().ids >= 1_000);
    // Of its four targets one was to send them, and one was not let in.
    expect(arrived()).toEqual({ ids: 1_000, again: 0 });
    const refused = () => run.gateway.counted(collector.sendFailedLogs, "otlp_grpc/target-unknown");
    await until("the wrong token's are given up", async () => (await refused()) === 1_000);
    expect(tally(run.loki.taken)).toEqual({ ids: 1_000, again: 0 });
    expect(other.url).not.toBe("");
  });
});

describe("files", () => {
  it("are written a line a batch, and rotated", async () => {
    const files = { local: { signals: ["logs"], maxFileMiB: 2, maxFiles: 2, batch: soon } };
    await using run = await gatewayTo({ file: files });
    await sendLogs(() => run.gateway.otlp, { from: 0, to: 8_000, bodyLength: 1_000 });
    const folder = join(run.files, "local");
    const ids = () => idsBelow(folder, (path) => readFileSync(path, "utf8"));
    await until("the last one is written", () => ids().has("007999"));
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(2 * 2 ** 20);
    const [line = ""] = readFileSync(join(folder, "logs.jsonl"), "utf8").split("\n");
    expect(Object.keys(JSON.parse(line) as object)).toEqual(["resourceLogs"]);
    expect(tally(ids()).again).toBe(0);
  });

  it("are compressed batch by batch, each after its length", async () => {
    const files = { local: { signals: ["logs"], compression: "zstd", batch: soon } };
    await using run = await gatewayTo({ file: files });
    await sendLogs(() => run.gateway.otlp, { from: 0, to: 1_000, bodyLength: 1_000 });
    const path = join(run.files, "local", "logs.otlp");
    const magics = () => {
      const found: number[] = [];
      if (!existsSync(path)) return found;
      const bytes = readFileSync(path);
      for (let at = 0; at + 8 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) {
        found.push(bytes.readUInt32LE(at + 4));
      }
      return found;
    };
    await until("two batches are written", () => magics().length >= 2);
    const zstdMagic = 0xfd2fb528;
    expect(new Set(magics())).toEqual(new Set([zstdMagic]));
    expect(statSync(path).size).toBeLessThan(500_000);
  });
});

describe("S3", () => {
  it("gets each record once, in compressed objects by the hour", async () => {
    const port = await freePort();
    const root = join(directory, "store");
    mkdirSync(join(root, "archive"), { recursive: true });
    const url = `http://127.0.0.1:${port}`;
    const env = { ROOT_ACCESS_KEY: "a-key", ROOT_SECRET_KEY: "a-secret" };
    const args = ["--port", `127.0.0.1:${port}`, "--health", "/health", "posix", root];
    await using store = await runServer({
      binary: tools.versitygw,
      args,
      env,
      url,
      readyPath: "/health",
    });
    const s3 = {
      old: {
        bucket: "archive",
        endpoint: store.url,
        signals: ["logs"],
        accessKeySecret: "access",
        secretKeySecret: "secret",
        batch: soon,
      },
    };
    const keys = { AWS_ACCESS_KEY_ID: "a-key", AWS_SECRET_ACCESS_KEY: "a-secret" };
    await using run = await gatewayTo({ s3 }, keys);
    await sendLogs(() => run.gateway.otlp, { from: 0, to: 2_000 });
    const folder = join(root, "archive", "sightline");
    const ids = () => idsBelow(folder, (path) => gunzipSync(readFileSync(path)).toString());
    await until("the archive has all", () => ids().size >= 2_000);
    expect(tally(ids())).toEqual({ ids: 2_000, again: 0 });
    const [object = ""] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".gz"),
    );
    expect(object).toMatch(
      /^year=\d{4}\/month=\d{2}\/day=\d{2}\/hour=\d{2}\/logs_[0-9a-f-]{36}\.json\.gz$/,
    );
  });
});

describe("Elasticsearch", () => {
  /** Its bulk API, as far as the exporter asks for it. The first documents are sent away once. */
  async function bulkApi(port: number) {
    const taken = new Map<string, number>();
    const keys = new Set<string | undefined>();
    let turnedAway = 0;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        keys.add(request.headers.authorization);
        const raw = Buffer.concat(chunks);
        const isZipped = request.headers["content-encoding"] === "gzip";
        const lines = (isZipped ? gunzipSync(raw) : raw).toString().split("\n");
        const documents = lines.filter((line) => line.includes("id-"));
        const items = documents.map((document) => {
          const status = turnedAway < 10 ? 429 : 201;
          if (status === 429) turnedAway += 1;
          else note(taken, document);
          return { create: { _index: "logs", status } };
        });
        response.writeHead(200, {
          "content-type": "application/json",
          "x-elastic-product": "Elasticsearch",
        });
        response.end(JSON.stringify({ took: 1, errors: turnedAway > 0, items }));
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return {
      taken,
      keys,
      turnedAway: () => turnedAway,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it("gets each document once, also those that it had no time for", async () => {
    const port = await freePort();
    await using elasticsearch = await bulkApi(port);
    const search = {
      endpoints: [`http://127.0.0.1:${port}`],
      signals: ["logs"],
      apiKeySecret: "key",
      batch: soon,
    };
    await using run = await gatewayTo({ elasticsearch: { search } }, { FAN_OUT_KEY: "abc" });
    await sendLogs(() => run.gateway.otlp, { from: 0, to: 2_000 });
    await until("it has all", () => elasticsearch.taken.size >= 2_000);
    expect(tally(elasticsearch.taken)).toEqual({ ids: 2_000, again: 0 });
    expect(elasticsearch.turnedAway()).toBe(10);
    expect([...elasticsearch.keys]).toEqual(["APIKey abc"]);
  });
});

describe("Prometheus's remote write", () => {
  const at = (name: string) => ({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeMetrics: [
          {
            metrics: [
              {
                name,
                gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asInt: "7" }] },
              },
            ],
          },
        ],
      },
    ],
  });

  it("reaches a Prometheus, and waits on disk for one that is away", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const config = join(directory, "prometheus.yaml");
    writeFileSync(config, "");
    const start = () =>
      runServer({
        binary: tools.prometheus,
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(directory, "tsdb")}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--web.enable-remote-write-receiver",
        ],
        url,
        readyPath: "/-/ready",
      });
    const found = async (metric: string) => {
      const answer = await fetch(`${url}/api/v1/query?query=${metric}`).then((r) => r.json());
      return (answer as { data: { result: unknown[] } }).data.result.length > 0;
    };
    const mimir = { endpoint: `${url}/api/v1/write`, batch: { maxRecords: 500, timeoutMs: 200 } };
    await using run = await gatewayTo({ prometheusRemoteWrite: { mimir } });
    {
      await using first = await start();
      expect(await post(`${run.gateway.otlp}/v1/metrics`, at("before"))).toBe(true);
      await until("it is there", () => found("before"));
      expect(first.url).toBe(url);
    }
    expect(await post(`${run.gateway.otlp}/v1/metrics`, at("meanwhile"))).toBe(true);
    await using second = await start();
    await until("what came meanwhile is there", () => found("meanwhile"));
    expect(second.url).toBe(url);
  });
});
