import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureTools } from "../../local/tools/ensure.ts";
import { until } from "./loopback-collector.ts";
import { postOtlp } from "./otlp.ts";
import {
  keyValues,
  plainValues,
  pointsIn,
  runProcessing,
  spansThroughGateway,
  type Gateway,
} from "./processing-records.ts";

let directory: string;
let gateway: Gateway;

beforeAll(async () => {
  const { otelcol } = await ensureTools(["otelcol"], { log: console.log });
  directory = mkdtempSync(join(tmpdir(), "sightline-signals-"));
  gateway = await runProcessing(otelcol, directory);
}, 3_600_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const server = 2;
const error = { code: 2 };

it("takes secrets out of spans, their events and their resource, and folds names", async () => {
  const { spans, resource } = await spansThroughGateway(
    gateway,
    { "service.name": "shop", "process.env": { DB_PASSWORD: "hunter2" } },
    [
      {
        name: "GET /buy",
        kind: server,
        attributes: keyValues({
          userId: "u1",
          "url.full": "https://a.example/?token=hunter2",
          headers: { cookie: "hunter2" },
        }),
        events: [
          {
            name: "login",
            attributes: keyValues({ password: "hunter2", note: "card 4111111111111111" }),
          },
        ],
      },
    ],
  );
  expect(JSON.stringify({ spans, resource })).not.toMatch(/hunter2|4111111111111111/);
  expect(plainValues(spans[0]?.attributes)).toEqual({
    "user.id": "u1",
    "url.full": "https://a.example/?token=****",
    "headers.cookie": "****",
    "sightline.cleaned": "redacted",
  });
  expect(resource).toMatchObject({ "process.env.DB_PASSWORD": "****" });
});

it("drops spans of successful health checks, and no others", async () => {
  const path = keyValues({ "url.path": "/healthz" });
  const { spans } = await spansThroughGateway(gateway, { "service.name": "shop" }, [
    { name: "good", kind: server, attributes: path },
    { name: "failed", kind: server, status: error, attributes: path },
    {
      name: "503",
      kind: server,
      attributes: [...path, ...keyValues({ "http.response.status_code": 503 })],
    },
    { name: "inside", kind: 1, attributes: path },
    { name: "other", kind: server, attributes: keyValues({ "url.path": "/buy" }) },
  ]);
  expect(spans.map(({ name }) => name).sort()).toEqual(["503", "failed", "inside", "other"]);
});

it("drops data points that would be a series for each request, and masks secrets in the others", async () => {
  const point = (attributes: object) => ({
    asDouble: 1,
    timeUnixNano: `${Date.now()}000000`,
    attributes: keyValues(attributes),
  });
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`a${index}`, "x"]));
  const gauge = {
    dataPoints: [
      point({ route: "/buy", api_key: "hunter2" }),
      point({ "request.id": "r1" }),
      point(many),
    ],
  };
  const resource = { attributes: keyValues({ "service.name": "shop" }) };
  const metrics = [{ name: "queue.length", gauge }];
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
  expect(await postOtlp(`${gateway.otlpHttp}/v1/metrics`, body)).toBe(200);
  await until("the metric has passed", () => "queue.length" in pointsIn(gateway));
  expect(pointsIn(gateway)["queue.length"]).toEqual([{ route: "/buy", api_key: "****" }]);
});
