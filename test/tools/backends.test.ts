import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lokiConfig } from "../../backend-config/loki.ts";
import { prometheusConfig } from "../../backend-config/prometheus.ts";
import { tempoConfig } from "../../backend-config/tempo.ts";
import { prometheusFlags } from "../../components/prometheus.ts";
import { backendFiles, backendMounts } from "../../config/backend-mounts.ts";
import { endpoints } from "../../config/endpoints.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay } from "../../config/stack-file.ts";
import { toYaml } from "../../config/yaml.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { freePort, until } from "./loopback-collector.ts";
import { runServer } from "./loopback-server.ts";
import { logsOf, metricsOf, postOtlp, tracesOf, type LinkedRequest } from "./otlp.ts";

const names = ["loki", "tempo", "prometheus", "promtool"] as const;
let tools: Readonly<Record<(typeof names)[number], string>>;
let directory: string;

beforeAll(async () => {
  tools = await ensureTools(names, { log: console.log });
  directory = mkdtempSync(join(tmpdir(), "sightline-backends-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Variables that a pod would have. */
const podEnv = { POD_IP: "127.0.0.1", POD_NAME: "pod-0" };

function run(binary: string, args: readonly string[]) {
  const env = { ...process.env, ...podEnv };
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: "utf8", env });
  return { status, output: `${stdout}${stderr}` };
}

/** Has the servers look at a configuration of theirs without running. */
const verifiers = {
  loki: (text: string) =>
    run(tools.loki, [
      `-config.file=${write("loki.yaml", text)}`,
      "-config.expand-env=true",
      "-verify-config",
    ]),
  // A mere warning fails it too.
  tempo: (text: string) =>
    run(tools.tempo, [
      `-config.file=${write("tempo.yaml", text)}`,
      "-config.expand-env=true",
      "-config.verify=true",
    ]),
  prometheus: (text: string) =>
    run(tools.promtool, ["check", "config", write("prometheus.yaml", withPodFiles(text))]),
};

/** promtool looks for each file that is named: those that a pod has are put beside the configuration. */
function withPodFiles(text: string): string {
  const [account, rules] = [join(directory, "serviceaccount"), join(directory, "rules")];
  for (const folder of [account, rules]) mkdirSync(folder, { recursive: true });
  for (const file of ["token", "ca.crt"]) writeFileSync(join(account, file), "");
  return text
    .replaceAll("/var/run/secrets/kubernetes.io/serviceaccount", account)
    .replaceAll(backendMounts.prometheus.rules, rules);
}

const configs = {
  loki: lokiConfig,
  tempo: tempoConfig,
  prometheus: (settings: Settings) => prometheusConfig(settings, endpoints(settings)),
};

const servers = ["loki", "tempo", "prometheus"] as const;

describe.each(servers)("%s itself", (server) => {
  it.each(["dev", "prod"] as const)("takes the configuration of %s", (stack) => {
    const { status, output } = verifiers[server](configs[server](stackSettings(stack)));
    expect(status, output).toBe(0);
  });

  it("would not take a key that it does not know", () => {
    const config = load(configs[server](stackSettings("prod")));
    const { status, output } = verifiers[server](toYaml(mergeOverlay(config, { unheard: 1 })));
    expect(status, output).not.toBe(0);
    expect(output).toContain("unheard");
  });
});

function newRequest(atMs: number): LinkedRequest {
  return { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), atMs };
}

async function answerOf(url: string): Promise<string> {
  const response = await fetch(url);
  return response.ok ? response.text() : "";
}

/** One replica's configuration with its data in a folder of the test, listening where nobody else does. */
async function onLoopback(server: "loki" | "tempo", changes: (grpc: number) => object) {
  const text = configs[server](stackSettings("dev"));
  const data = join(directory, server);
  const [http, grpc] = [await freePort(), await freePort()];
  const listen = {
    http_listen_port: http,
    grpc_listen_port: grpc,
    http_listen_address: "127.0.0.1",
    grpc_listen_address: "127.0.0.1",
  };
  const moved = load(text.replaceAll(backendMounts[server].data, data));
  const config = mergeOverlay(mergeOverlay(moved, { server: listen }), changes(grpc));
  const path = write(`${server}-loopback.yaml`, toYaml(config));
  return runServer({
    binary: tools[server],
    args: [`-config.file=${path}`, "-config.expand-env=true"],
    env: podEnv,
    url: `http://127.0.0.1:${http}`,
    readyPath: "/ready",
  });
}

const minutesMs = 60_000;

describe("dev's backends, really run,", () => {
  it("Loki: a log is found by its trace, an hour late as well, but no later", async () => {
    await using loki = await onLoopback("loki", (grpc) => {
      const scheduler = { scheduler_address: `127.0.0.1:${grpc}` };
      return { frontend: scheduler, frontend_worker: scheduler };
    });
    const { url } = loki;
    const now = Date.now();
    const send = (request: LinkedRequest) => postOtlp(`${url}/otlp/v1/logs`, logsOf(request));
    const fresh = newRequest(now);
    const late = newRequest(now - 55 * minutesMs);
    expect(await send(fresh)).toBe(204);
    expect(await send(late)).toBe(204);
    expect(await send(newRequest(now - 65 * minutesMs))).toBe(400);
    for (const { traceId } of [fresh, late]) {
      const query = encodeURIComponent(`{service_name="checkout"} | trace_id="${traceId}"`);
      const search = `${url}/loki/api/v1/query_range?since=2h&query=${query}`;
      await until("Loki finds the log", async () => (await answerOf(search)).includes('"paid"'));
    }
    const labels = JSON.parse(await answerOf(`${url}/loki/api/v1/labels?since=2h`)) as object;
    const expected = ["deployment_environment_name", "service_name", "service_namespace"];
    expect(labels).toMatchObject({ data: expected });
  });

  it("Tempo: a trace is found by its id and by a search", async () => {
    const otlp = await freePort();
    const endpoint = `127.0.0.1:${otlp}`;
    const receivers = { otlp: { protocols: { http: { endpoint } } } };
    await using tempo = await onLoopback("tempo", () => ({ distributor: { receivers } }));
    const { url } = tempo;
    const request = newRequest(Date.now());
    expect(await postOtlp(`http://${endpoint}/v1/traces`, tracesOf(request))).toBe(200);
    const byId = `${url}/api/v2/traces/${request.traceId}`;
    await until("Tempo has the trace", async () => (await answerOf(byId)).includes("POST /pay"));
    const query = encodeURIComponent('{ resource.service.name = "checkout" }');
    const search = `${url}/api/search?q=${query}`;
    // Tempo leaves out an id's leading zeros.
    const shown = request.traceId.replace(/^0+/, "");
    await until("Tempo finds the trace", async () => (await answerOf(search)).includes(shown));
  });

  it("Prometheus: a metric has its resource's labels and its exemplar, late as well", async () => {
    const settings = stackSettings("dev");
    const port = await freePort();
    // Discovery needs a cluster.
    const withoutTargets = { scrape_configs: null, rule_files: null };
    const config = mergeOverlay(load(configs.prometheus(settings)), withoutTargets);
    const path = write("prometheus-loopback.yaml", toYaml(config));
    const flags = prometheusFlags(settings).map((flag) =>
      flag
        .replace(backendFiles.prometheus, path)
        .replace(backendMounts.prometheus.data, join(directory, "prometheus"))
        .replace(`=:${ports.prometheus.http}`, `=127.0.0.1:${port}`),
    );
    await using prometheus = await runServer({
      binary: tools.prometheus,
      args: flags,
      env: podEnv,
      url: `http://127.0.0.1:${port}`,
      readyPath: "/-/ready",
    });
    const { url } = prometheus;
    const now = Date.now();
    const send = (request: LinkedRequest) =>
      postOtlp(`${url}/api/v1/otlp/v1/metrics`, metricsOf(request));
    const request = newRequest(now);
    expect(await send(request)).toBe(200);
    expect(await send(newRequest(now - 55 * minutesMs))).toBe(200);
    expect(await send(newRequest(now - 65 * minutesMs))).toBe(400);
    const metric = "payment_duration_seconds_count";
    const answer: unknown = JSON.parse(await answerOf(`${url}/api/v1/query?query=${metric}`));
    const labels = {
      __name__: metric,
      job: "shop/checkout",
      instance: "checkout-1",
      service_name: "checkout",
      service_namespace: "shop",
      deployment_environment_name: "test",
      k8s_pod_name: "checkout-1",
    };
    expect(answer).toMatchObject({ data: { result: [{ metric: labels }] } });
    const range = `start=${now / 1_000 - 60}&end=${now / 1_000 + 60}`;
    const exemplars = `${url}/api/v1/query_exemplars?query=payment_duration_seconds_bucket&${range}`;
    expect(await answerOf(exemplars)).toContain(request.traceId);
  });
});
