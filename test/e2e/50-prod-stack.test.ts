import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serviceHost } from "../../config/endpoints.ts";
import { ports } from "../../config/ports.ts";
import { parseSecret, tokensText } from "../../config/secret-values.ts";
import { destroy, initStack, preview, up } from "../../local/stack.ts";
import { makeStackSecrets } from "../../local/up.ts";
import { readAuthority } from "../../secrets/make.ts";
import { readSecrets, writeSecret, type PulumiCli } from "../../secrets/pulumi-cli.ts";
import { kubectl, portForward } from "./kubectl.ts";
import { failedSpanRequest, logRequest, postOtlp, type IngestTarget } from "./https-ingest.ts";
import { objectStore, startObjectStore } from "./object-store.ts";
import { platformObjects } from "./objects.ts";
import { eventually } from "./eventually.ts";
import { testStack } from "./stacks.ts";

const { stack, settings } = testStack("prod", "prod", { overlayFile: "prod-overlay.yaml" });
const { namespace } = settings;
const cli: PulumiCli = {
  binary: stack.engine.binary,
  env: stack.engine.env,
  cwd: stack.projectDir,
  configFile: stack.configFile,
};
const log = (line: string) => {
  console.log(`  ${line}`);
};
const forwards: { stop: () => void }[] = [];

async function forward(service: string, port: number): Promise<string> {
  const opened = await portForward(namespace, `service/${service}`, port);
  forwards.push(opened);
  return opened.url;
}

let ingest: IngestTarget;
let token = "";

beforeAll(async () => {
  await startObjectStore([settings.storage.lokiBucket ?? "", settings.storage.tempoBucket ?? ""]);
  await initStack(stack);
}, 300_000);

afterAll(() => {
  for (const { stop } of forwards) stop();
});

test("what only the owner has is asked for by name", async () => {
  await expect(makeStackSecrets(stack, log)).rejects.toThrow(
    "prod needs secrets that only their owner has: storageAccessKey, storageSecretKey",
  );
  await writeSecret(cli, stack.name, "storageAccessKey", objectStore.accessKey);
  await writeSecret(cli, stack.name, "storageSecretKey", objectStore.secretKey);
  await makeStackSecrets(stack, log);
});

test("the production stack comes up with three gateways and three samplers", async () => {
  await up(stack, log);
  const rows = await kubectl([
    "get",
    "statefulsets",
    "-n",
    namespace,
    "-o",
    `jsonpath={range .items[*]}{.metadata.name}={.status.readyReplicas} {end}`,
  ]);
  const ready = Object.fromEntries(
    rows
      .trim()
      .split(" ")
      .map((row) => row.split("=")),
  ) as Record<string, string>;
  expect(ready).toMatchObject({
    gateway: "3",
    sampler: "3",
    loki: "1",
    tempo: "1",
    prometheus: "2",
  });
}, 900_000);

test("a second preview finds nothing to do", async () => {
  expect(Object.keys(await preview(stack))).toEqual(["same"]);
});

test("the public ingest wants TLS and a token", async () => {
  const url = await forward("gateway", ports.gateway.publicHttp);
  ingest = {
    port: Number(new URL(url).port),
    serverName: serviceHost(settings, "gateway"),
    authority: await readAuthority(cli, stack.name),
  };
  const stored = await readSecrets(cli, stack.name);
  const tokens = parseSecret(stored.ingestTokens ?? "", tokensText);
  token = Object.values(tokens ?? {})[0] ?? "";
  const body = logRequest(randomBytes(16).toString("hex"), "refused");
  expect(await postOtlp(ingest, "/v1/logs", body)).toBe(401);
  expect(await postOtlp(ingest, "/v1/logs", body, "wrong")).toBe(401);
  await expect(
    postOtlp({ ...ingest, serverName: "example.org" }, "/v1/logs", body),
  ).rejects.toThrow(/altname/i);
});

test("what a sender outside sends is stored and found", async () => {
  const traceId = randomBytes(16).toString("hex");
  expect(await postOtlp(ingest, "/v1/logs", logRequest(traceId, "from outside"), token)).toBe(200);
  expect(await postOtlp(ingest, "/v1/traces", failedSpanRequest(traceId), token)).toBe(200);
  const loki = await forward("loki", ports.loki.http);
  const tempo = await forward("tempo", ports.tempo.http);
  const query = encodeURIComponent(`{service_name="outside-sender"} | trace_id="${traceId}"`);
  await eventually("the log is in Loki", async () => {
    const answer = await fetch(`${loki}/loki/api/v1/query_range?query=${query}`);
    expect(await answer.text()).toContain("from outside");
  });
  await eventually("the trace is in Tempo", async () => {
    const answer = await fetch(`${tempo}/api/v2/traces/${traceId}`);
    expect(await answer.text()).toContain("outside-work");
  });
});

test("destroy leaves nothing in the cluster", async () => {
  await destroy(stack, log);
  const left = await platformObjects();
  expect(left.filter((name) => name.includes("prod"))).toEqual([]);
  const namespaces = await kubectl(["get", "namespaces", "-o", "name"]);
  expect(namespaces.split("\n")).not.toContain(`namespace/${namespace}`);
}, 600_000);
