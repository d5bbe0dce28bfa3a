import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { collectorDocument, renderCollectorConfig } from "../../collector-config/render.ts";
import { samplerConfig } from "../../collector-config/sampler.ts";
import { endpoints } from "../../config/endpoints.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { runOnLoopback, until, type CollectorDocument } from "./loopback-collector.ts";
import { attribute, newTrace, sendTraces, spansIn, type Attribute } from "./traces.ts";

const roles = { gateway: gatewayConfig, sampler: samplerConfig };
type Role = keyof typeof roles;

let binary: string;
let directory: string;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-collector-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function configOf(role: Role, stack: string, overlay?: unknown) {
  const file = `Pulumi.${stack}.yaml`;
  const written = readStackConfig(join(import.meta.dirname, "..", "..", file));
  const settings = parseConfig(file, mergeOverlay(written, overlay));
  return roles[role](settings, endpoints(settings));
}

/** Any value: what is set is not looked at before it is sent. */
const fanOutVariables = {
  FAN_OUT_DASH0_TOKEN: "Bearer a",
  FAN_OUT_SEARCH_KEY: "a",
  FAN_OUT_KAFKA_PASSWORD: "a",
};

describe("the collector itself", () => {
  it("takes the gateway with every kind of target", () => {
    const overlay = load(
      readFileSync(join(import.meta.dirname, "..", "fan-out-overlay.yaml"), "utf8"),
    );
    const path = join(directory, "every-kind.yaml");
    writeFileSync(path, renderCollectorConfig(configOf("gateway", "prod", overlay)));
    const { status, stderr } = spawnSync(binary, ["validate", "--config", path], {
      encoding: "utf8",
      env: { ...process.env, POD_NAME: "pod", ...fanOutVariables },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each([
    ["gateway", "dev"],
    ["gateway", "prod"],
    ["sampler", "dev"],
    ["sampler", "prod"],
  ] as const)("takes the %s of %s", (role, stack) => {
    const path = join(directory, `${stack}-${role}.yaml`);
    writeFileSync(path, renderCollectorConfig(configOf(role, stack)));
    const { status, stderr } = spawnSync(binary, ["validate", "--config", path], {
      encoding: "utf8",
      env: { ...process.env, POD_NAME: "pod" },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

async function run(role: Role, overlay: unknown) {
  const document = collectorDocument(configOf(role, "prod", overlay));
  const own = mkdtempSync(join(directory, `${role}-`));
  return runOnLoopback(binary, document as unknown as CollectorDocument, own);
}

describe("a running gateway", () => {
  const overlay = { collector: { gateway: { public: { enabled: false } } } };

  it("deals every trace whole to one of three samplers, in equal shares", async () => {
    await using gateway = await run("gateway", overlay);
    const traces = Array.from({ length: 3_000 }, () => newTrace());
    await sendTraces(gateway.otlpHttp, traces);
    const shares = () =>
      [0, 1, 2].map((ordinal) => spansIn(gateway.exported(`otlp_grpc/sampler-${ordinal}`)));
    await until("all spans are dealt", () => shares().flat().length >= 6_000);

    const tracesOf = shares().map((spans) => new Set(spans.map(({ traceId }) => traceId)));
    expect(shares().flat()).toHaveLength(6_000);
    expect(tracesOf.reduce((sum, { size }) => sum + size, 0)).toBe(3_000);
    // Of 3000 at random, a share of 800 or less comes once in 10^14 runs.
    for (const { size } of tracesOf) expect(size).toBeGreaterThan(800);
  });

  it("masks secrets by their keys, whatever their type, and leaves the rest", async () => {
    await using gateway = await run("gateway", overlay);
    const header = { arrayValue: { values: [{ stringValue: "Bearer abc" }] } };
    const attributes: Attribute[] = [
      { key: "http.request.header.authorization", value: header },
      attribute("accessToken", "a$b"),
      { key: "pin_secret", value: { intValue: "4711" } },
      attribute("http.route", "/buy"),
      { key: "gen_ai.usage.input_tokens", value: { intValue: "7" } },
    ];
    await sendTraces(gateway.otlpHttp, [newTrace({ attributes })]);
    const received = () =>
      [0, 1, 2]
        .flatMap((ordinal) => spansIn(gateway.exported(`otlp_grpc/sampler-${ordinal}`)))
        .flatMap((span) => span.attributes ?? []);
    await until("the span is there", () => received().length > 0);
    const byKey = (a: Attribute, b: Attribute) => a.key.localeCompare(b.key);
    expect(received().toSorted(byKey)).toEqual([
      attribute("accessToken", "****"),
      { key: "gen_ai.usage.input_tokens", value: { intValue: "7" } },
      attribute("http.request.header.authorization", "****"),
      attribute("http.route", "/buy"),
      attribute("pin_secret", "****"),
      attribute("sightline.cleaned", "redacted"),
    ]);
  });
});
