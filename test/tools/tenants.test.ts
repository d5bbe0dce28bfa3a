import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { stackSettings } from "../harness.ts";
import { until, type LoopbackCollector } from "./loopback-collector.ts";
import { makeIngestFiles, runGateway, type IngestFiles } from "./loopback-gateway.ts";
import { dialGrpc, logMessage, send, type Dialled } from "./otlp-sender.ts";

const browserOrigin = "https://app.example.com";
const tokens = { shop: "token-of-shop", "shop.previous": "token-before", bank: "token-of-bank" };
const host = "127.0.77.11";

let binary: string;
let directory: string;
let settings: Settings;
let files: IngestFiles;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-tenants-"));
  settings = stackSettings("prod", {
    tenants: ["shop", "bank", "web"],
    collector: { gateway: { browser: { origins: [browserOrigin], tenant: "web" } } },
  });
  files = await makeIngestFiles(directory, settings);
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const at = (port: number): Dialled => ({ ...files, host, port });
const withToken = (token: string) => ({ authorization: `Bearer ${token}` });

interface Named {
  readonly attributes?: readonly {
    readonly key: string;
    readonly value: { stringValue?: string };
  }[];
}
interface LogBatch {
  readonly resourceLogs: readonly {
    readonly resource: Named;
    readonly scopeLogs: readonly {
      readonly scope?: Named;
      readonly logRecords: readonly Named[];
    }[];
  }[];
}

function platformAttributes({ attributes = [] }: Named): Record<string, string | undefined> {
  const own = attributes.filter(({ key }) => key.startsWith("sightline"));
  return Object.fromEntries(own.map(({ key, value }) => [key, value.stringValue]));
}

/** What stands on the records that the gateway exported, once `count` of them are there. */
async function exportedLogs(gateway: LoopbackCollector, count: number) {
  const resources = () =>
    (gateway.exported("otlp_http/loki") as LogBatch[]).flatMap(({ resourceLogs }) => resourceLogs);
  await until(`${count} are exported`, () => resources().length >= count);
  return resources().map(({ resource, scopeLogs }) => ({
    resource: platformAttributes(resource),
    below: scopeLogs.flatMap(({ scope = {}, logRecords }) =>
      [scope, ...logRecords].flatMap((one) => Object.keys(platformAttributes(one))),
    ),
  }));
}

const pretended = [
  { key: "sightline.tenant", value: { stringValue: "bank" } },
  { key: "sightline_tenant", value: { stringValue: "bank" } },
  { key: "sightline.entrance", value: { stringValue: "agent" } },
];
const pretending = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: pretended },
      scopeLogs: [
        {
          scope: { name: "s", attributes: pretended },
          logRecords: [{ body: { stringValue: "mine" }, attributes: pretended }],
        },
      ],
    },
  ],
});

describe("a tenant", () => {
  it("is the token's, whatever the sender says, over HTTP and gRPC, with the token before too", async () => {
    await using gateway = await runGateway({ binary, settings, files, host, tokens });
    const http = at(ports.gateway.publicHttp);
    for (const token of [tokens.shop, tokens["shop.previous"]]) {
      const answer = await send(http, { headers: withToken(token), body: pretending });
      expect(answer.status).toBe(200);
    }
    using grpc = dialGrpc(at(ports.gateway.publicGrpc));
    const message = logMessage("mine", { "sightline.tenant": "shop" });
    expect(await grpc.exportLogs(message, withToken(tokens.bank))).toBe("0");
    const shop = { resource: { "sightline.tenant": "shop" }, below: [] };
    const bank = { resource: { "sightline.tenant": "bank" }, below: [] };
    expect(await exportedLogs(gateway, 3)).toEqual([shop, shop, bank]);
  });

  it("is the settings' for browsers, which are marked", async () => {
    await using gateway = await runGateway({ binary, settings, files, host, tokens });
    const browser = at(ports.gateway.browserHttp);
    const origin = { origin: browserOrigin };
    const answer = await send(browser, { headers: origin, body: pretending });
    expect(answer).toMatchObject({
      status: 200,
      headers: { "access-control-allow-origin": browserOrigin },
    });
    const resource = { "sightline.tenant": "web", "sightline.entrance": "browser" };
    expect(await exportedLogs(gateway, 1)).toEqual([{ resource, below: [] }]);

    const preflight = (from: string) =>
      send(browser, {
        method: "OPTIONS",
        headers: {
          origin: from,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
    const granted = await preflight(browserOrigin);
    expect(granted.headers["access-control-allow-origin"]).toBe(browserOrigin);
    const refused = await preflight("https://elsewhere.example.com");
    expect(refused.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("that a good token is not known to have yet makes its sender send again, and nothing is stored without one", async () => {
    const { shop, bank } = tokens;
    const args = { binary, settings, files, host, tokens: { shop, bank }, known: { shop } };
    await using gateway = await runGateway(args);
    const http = at(ports.gateway.publicHttp);
    const early = await send(http, { headers: withToken(bank), body: pretending });
    expect(early.status).toBe(503);
    expect(early.body).toContain("does not know yet whose the token is");
    expect(early.body).not.toMatch(/[0-9a-f]{64}|token-of/);
    using grpc = dialGrpc(at(ports.gateway.publicGrpc));
    // UNAVAILABLE, upon which every exporter tries again.
    expect(await grpc.exportLogs(logMessage("mine"), withToken(bank))).toBe("14");
    const known = await send(http, { headers: withToken(shop), body: pretending });
    expect(known.status).toBe(200);
    expect(await exportedLogs(gateway, 1)).toHaveLength(1);
  });
});
