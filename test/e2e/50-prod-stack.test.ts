import { randomBytes } from "node:crypto";
import { beforeAll, expect, inject, test } from "vitest";
import { ports } from "../../config/ports.ts";
import { run } from "../../local/process.ts";
import { initStack, preview } from "../../local/stack.ts";
import { makeStackSecrets } from "../../local/up.ts";
import { writeSecret } from "../../secrets/pulumi-cli.ts";
import { kubectl } from "./kubectl.ts";
import { withPortForwards } from "../../local/proof/port-forward.ts";
import { failedSpanRequest, logRequest, postOtlp, type IngestTarget } from "./https-ingest.ts";
import { objectStore, startObjectStore } from "./object-store.ts";
import { eventually } from "./eventually.ts";
import { ingestAccess, pulumiCli } from "./prod-ingest.ts";
import { testStack, upAndRolled } from "./stacks.ts";

const prod = testStack("prod");
const { stack, settings } = prod;
const { namespace } = settings;
const cli = pulumiCli(prod);
const log = (line: string) => {
  console.log(`  ${line}`);
};
const forwards = {
  balancer: { namespace, resource: "svc/balancer", port: ports.balancer.publicHttp },
  loki: { namespace, resource: "svc/loki", port: ports.loki.http },
  tempo: { namespace, resource: "svc/tempo", port: ports.tempo.http },
};

/** Runs the body with the stores' URLs, the ingest as a sender outside dials it, and a token that it takes. */
function fromOutside(
  body: (way: {
    ingest: IngestTarget;
    token: string;
    loki: string;
    tempo: string;
  }) => Promise<void>,
): Promise<void> {
  return withPortForwards(inject("machine").kubectl, forwards, async (urls) => {
    const { token, target } = await ingestAccess(prod, "balancer");
    await body({ ingest: target(urls.balancer), token, loki: urls.loki, tempo: urls.tempo });
  });
}

beforeAll(async () => {
  await startObjectStore([settings.storage.lokiBucket ?? "", settings.storage.tempoBucket ?? ""]);
  await initStack(stack);
  // A run that was killed may have left the keys.
  for (const key of ["storageAccessKey", "storageSecretKey"]) {
    const where = ["--stack", stack.name, "--config-file", stack.configFile];
    await run(cli.binary, ["config", "rm", key, ...where], { cwd: cli.cwd, env: cli.env });
  }
}, 300_000);

test("what only the owner has is asked for by name", async () => {
  await expect(makeStackSecrets(stack, log)).rejects.toThrow(
    "e2e-prod needs secrets that only their owner has: storageAccessKey, storageSecretKey",
  );
  await writeSecret(cli, stack.name, "storageAccessKey", objectStore.accessKey);
  await writeSecret(cli, stack.name, "storageSecretKey", objectStore.secretKey);
  await makeStackSecrets(stack, log);
});

test("the production stack comes up with three gateways and three samplers", async () => {
  await upAndRolled(prod);
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

test("the public ingest wants TLS and a token", () =>
  fromOutside(async ({ ingest }) => {
    const body = logRequest(randomBytes(16).toString("hex"), "refused");
    expect(await postOtlp(ingest, "/v1/logs", body)).toBe(401);
    expect(await postOtlp(ingest, "/v1/logs", body, "wrong")).toBe(401);
    const elsewhere = { ...ingest, serverName: "example.org" };
    await expect(postOtlp(elsewhere, "/v1/logs", body)).rejects.toThrow(/altname/i);
  }));

test("what a sender outside sends is stored and found", () =>
  fromOutside(async ({ ingest, token, loki, tempo }) => {
    const traceId = randomBytes(16).toString("hex");
    const log = logRequest(traceId, "from outside");
    expect(await postOtlp(ingest, "/v1/logs", log, token)).toBe(200);
    expect(await postOtlp(ingest, "/v1/traces", failedSpanRequest(traceId), token)).toBe(200);
    const query = encodeURIComponent(`{service_name="outside-sender"} | trace_id="${traceId}"`);
    await eventually("the log is in Loki", async () => {
      const answer = await fetch(`${loki}/loki/api/v1/query_range?query=${query}`);
      expect(await answer.text()).toContain("from outside");
    });
    await eventually("the trace is in Tempo", async () => {
      const answer = await fetch(`${tempo}/api/v2/traces/${traceId}`);
      expect(await answer.text()).toContain("outside-work");
    });
  }));
