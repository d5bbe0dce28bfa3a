import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricNames } from "../../config/metric-names.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { runGateway, sendLogs, standIn, tally, type RunningGateway } from "./fan-out-gateway.ts";
import { freePort, until } from "./loopback-collector.ts";

const { collector } = metricNames;
let binary: string;
let directory: string;

beforeAll(async () => {
  ({ otelcol: binary } = await ensureTools(["otelcol"], { log: console.log }));
  directory = mkdtempSync(join(tmpdir(), "sightline-fan-out-"));
}, 3_600_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const target = (port: number, others: object = {}) => ({
  endpoint: `http://127.0.0.1:${port}`,
  protocol: "http",
  compression: "none",
  signals: ["logs"],
  batch: { maxRecords: 500, timeoutMs: 200 },
  ...others,
});
const count = 3_000;

describe("targets that do not take what they should", () => {
  it("cost the others nothing, and lose only their own", async () => {
    const ports = {
      well: await freePort(),
      dead: await freePort(),
      full: await freePort(),
      slow: await freePort(),
      busy: await freePort(),
      strict: await freePort(),
      small: await freePort(),
    };
    await using loki = await standIn(await freePort());
    await using well = await standIn(ports.well);
    await using slow = await standIn(ports.slow, async () => {
      await sleep(3_000);
      return 200;
    });
    await using busy = await standIn(ports.busy, (request) => (request <= 3 ? 429 : 200));
    await using strict = await standIn(ports.strict, () => 400);
    await using small = await standIn(ports.small, () => 413);
    const otlp = {
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, target(port)])),
      full: target(ports.full, { queue: { maxMiB: 1 }, batch: { maxRecords: 500 } }),
    };
    await using gateway = await runGateway({
      binary,
      directory: mkdtempSync(join(directory, "isolation-")),
      fanOut: { otlp },
      primary: { loki: loki.url },
    });

    // A kilobyte each: a queue of 1 MiB is full long before the end.
    const sent = await sendLogs(() => gateway.otlp, { from: 0, to: count, bodyLength: 1_000 });
    expect(sent.refused).toBe(0);
    expect(sent.slowestMs).toBeLessThan(2_000);
    for (const one of [loki, well]) {
      await until(
        "the primary target and the one that is well have all",
        () => one.taken.size >= count,
      );
      expect(tally(one.taken)).toEqual({ ids: count, again: 0 });
    }
    const lost = await gateway.counted(collector.enqueueFailedLogs, "otlp_http/target-full");
    expect(lost).toBeGreaterThan(1_500);
    expect(lost).toBeLessThan(2_500);
    for (const name of ["well", "dead", "slow", "busy", "strict", "small"]) {
      const id = `otlp_http/target-${name}`;
      expect(await gateway.counted(collector.enqueueFailedLogs, id), name).toBe(0);
    }
    for (const name of ["strict", "small"]) {
      const id = `otlp_http/target-${name}`;
      const failed = () => gateway.counted(collector.sendFailedLogs, id);
      await until(`all is given up for ${name}`, async () => (await failed()) === count);
    }
    expect([strict.taken.size, small.taken.size]).toEqual([0, 0]);

    // Back without help: each gets what its queue has kept.
    await using dead = await standIn(ports.dead);
    await using full = await standIn(ports.full);
    const kept = { dead: count, slow: count, busy: count, full: count - lost };
    const back = { dead, slow, busy, full };
    for (const name of ["dead", "slow", "busy", "full"] as const) {
      const { taken } = back[name];
      await until(`${name} has what was kept for it`, () => taken.size >= kept[name]);
      expect(tally(taken), name).toEqual({ ids: kept[name], again: 0 });
    }
    expect(await gateway.counted(collector.sendFailedLogs, "otlp_http/target-dead")).toBe(0);
  });

  it("lose next to nothing when the gateway is killed, and get it once", async () => {
    const [port, folder] = [await freePort(), mkdtempSync(join(directory, "killed-"))];
    await using loki = await standIn(await freePort());
    await using well = await standIn(port);
    const start = () =>
      runGateway({
        binary,
        directory: folder,
        fanOut: { otlp: { well: target(port) } },
        primary: { loki: loki.url },
      });
    let gateway: RunningGateway = await start();
    const sending = sendLogs(() => gateway.otlp, { from: 0, to: 20_000 });
    await until("something has gone through", () => well.taken.size > 1_000);
    await gateway.kill();
    gateway = await start();
    await using last = gateway;
    await sending;
    await until("the primary target has all", () => loki.taken.size >= 20_000);
    await until("the other one has all but what was under way", () => well.taken.size >= 19_500);
    expect(tally(loki.taken).ids).toBe(20_000);
    // The request that was not answered is sent again, and what was being delivered too.
    expect(tally(loki.taken).again).toBeLessThanOrEqual(1_000);
    expect(last.otlp).toBe(gateway.otlp);
  });
});
