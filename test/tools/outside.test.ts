import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outsideConfig } from "../../collector-config/outside.ts";
import { collectorDocument, renderCollectorConfig } from "../../collector-config/render.ts";
import { outsidePaths, outsidePorts } from "../../config/outside.ts";
import { ports } from "../../config/ports.ts";
import { outsideOtlpHttp } from "../../config/endpoints.ts";
import { toYaml } from "../../config/yaml.ts";
import { ensureHostProgram } from "../../local/cluster/host-tools.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { runBalancer } from "./loopback-balancer.ts";
import { until } from "./loopback-collector.ts";
import { makeIngestFiles, runGateway, type IngestFiles } from "./loopback-gateway.ts";
import { runNameServer } from "./name-server.ts";

const machine = "127.0.77.31";
const balancerHost = "127.0.77.2";
const gatewayHost = "127.0.77.32";
const settings = stackSettings("prod", {
  tenants: ["workers"],
  collector: { balancer: { maxConnections: 1_000 } },
});
const tokens = { workers: "token-of-workers" };
const environment = {
  ...process.env,
  SIGHTLINE_TOKEN: tokens.workers,
  SIGHTLINE_HOST: "gpu-7",
};

let otelcol: string;
let haproxy: string;
let directory: string;
let files: IngestFiles;

beforeAll(async () => {
  ({ otelcol } = await ensureTools(["otelcol"], { log: console.log }));
  haproxy = await ensureHostProgram("haproxy", console.log);
  directory = mkdtempSync(join(tmpdir(), "sightline-outside-"));
  files = await makeIngestFiles(directory, settings);
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("the agent of a machine outside", () => {
  it.each(["dev", "prod"] as const)("is taken by the collector itself, for %s", (stack) => {
    const path = join(directory, `${stack}.yaml`);
    writeFileSync(path, renderCollectorConfig(outsideConfig(stackSettings(stack))));
    const args = ["validate", "--config", path];
    const { status, stderr } = spawnSync(otelcol, args, { encoding: "utf8", env: environment });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("keeps what it takes while nobody answers, also when it is killed, and hands it on with its tenant", async () => {
    const config = agentFile();
    const first = startAgent(config);
    await until("the agent takes logs", () => posted("while away").catch(() => false));
    // The queue writes before it answers; the kill comes while nothing has been handed on.
    first.kill("SIGKILL");
    const second = startAgent(config);
    try {
      await using names = await runNameServer(balancerHost);
      names.addresses = [gatewayHost];
      const args = { binary: otelcol, settings, files, host: gatewayHost, tokens };
      await using gateway = await runGateway(args);
      const nameServer = names.address;
      await using balancer = await runBalancer({
        binary: haproxy,
        settings,
        files,
        host: balancerHost,
        nameServer,
      });
      await until("the agent is back", () => posted("after").catch(() => false));
      const stored = () => JSON.stringify(gateway.exported("otlp_http/loki"));
      await until("both are there", () => /while away/.test(stored()) && /after/.test(stored()));
      expect(stored()).toContain('"sightline.tenant","value":{"stringValue":"workers"}');
      expect(balancer.log()).not.toContain("DOWN");
      expect(stored()).toContain('"host.name","value":{"stringValue":"gpu-7"}');
    } finally {
      second.kill("SIGKILL");
      await sleep(100);
    }
  });
});

/** The rendered configuration with its places on this machine. */
function agentFile(): string {
  const places: readonly [string, string][] = [
    [outsidePaths.queue, join(directory, "queue")],
    [outsidePaths.authority, join(directory, "ca.crt")],
    [outsideOtlpHttp(settings), `https://${balancerHost}:${ports.balancer.publicHttp}`],
    ["127.0.0.1:", `${machine}:`],
    ["min_version: ", `server_name_override: ${files.serverName}\n      min_version: `],
  ];
  const document = toYaml(collectorDocument(outsideConfig(settings)));
  const path = join(directory, "agent.yaml");
  writeFileSync(
    path,
    places.reduce((text, [from, to]) => text.replaceAll(from, to), document),
  );
  return path;
}

function startAgent(config: string) {
  const agent = spawn(otelcol, ["--config", config], { env: environment });
  agent.stderr.resume();
  return agent;
}

async function posted(text: string): Promise<boolean> {
  const body = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }],
  });
  const headers = { "content-type": "application/json" };
  const url = `http://${machine}:${outsidePorts.otlpHttp}/v1/logs`;
  return (await fetch(url, { method: "POST", headers, body })).ok;
}
