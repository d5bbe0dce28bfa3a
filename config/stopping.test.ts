import { describe, expect, test } from "vitest";
import { stackSettings } from "../test/harness.ts";
import { drains, shortestDrainSeconds, stopTimes } from "./stopping.ts";

const prod = (gateway: object = {}, prometheus: object = {}) =>
  stackSettings("prod", { collector: { gateway }, prometheus });

describe("the times of a stopping gateway", () => {
  test("add up to its grace", () => {
    // 5 to leave, 300 to drain, 15 for the last look, 55 for the collector, 5 for the sidecar.
    expect(stopTimes(prod())).toEqual({
      leaveSeconds: 5,
      drainSeconds: 300,
      settleSeconds: 35,
      graceSeconds: 380,
    });
    expect(stopTimes(prod({ drainSeconds: 120 })).graceSeconds).toBe(200);
  });

  test("hold no wait where there is no volume, or nobody to wait", () => {
    const times = { drainSeconds: 0, graceSeconds: 60 };
    expect(stopTimes(stackSettings("dev"))).toMatchObject(times);
    expect(stopTimes(prod({ drainSeconds: 0 }))).toMatchObject(times);
    expect([prod(), prod({ drainSeconds: 0 }), stackSettings("dev")].map(drains)).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("let Prometheus see that the queues are empty", () => {
    expect(stopTimes(prod({}, { scrapeIntervalSeconds: 60 })).settleSeconds).toBe(65);
  });
});

test("the shortest drain outlives the oldest connection", () => {
  expect(shortestDrainSeconds(prod())).toBe(66 + 35);
  expect(shortestDrainSeconds(prod({ connectionAgeSeconds: 15 }))).toBe(17 + 35);
});
