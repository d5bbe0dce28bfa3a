import { expect, test } from "vitest";
import { queuesFor } from "./cluster/queues.ts";
import { prodSettings } from "./prod-settings.ts";

test("the shrunk production stack is one that the rules let pass", () => {
  expect(prodSettings().collector.gateway.replicas.min).toBe(3);
});

test.each([
  [1_000, 40_000],
  [10_000, 600_000],
  [20_000, 1_800_000],
])("queues for an outage at %d logs/s over %d ms fit their volume", (logsPerSecond, outageMs) => {
  const queue = queuesFor(logsPerSecond, outageMs, 3);
  const replicas = { min: 3, max: 3 };
  const { collector } = prodSettings({ collector: { gateway: { queue, replicas } } });
  expect(collector.gateway.queue.maxRecords * 3).toBeGreaterThan(
    (logsPerSecond * outageMs) / 1_000,
  );
});
