import { setTimeout as delay } from "node:timers/promises";
import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("hello");
const meter = metrics.getMeter("hello");

const ordersPlaced = meter.createCounter("hello.orders", {
  unit: "{order}",
  description: "Orders that were placed.",
});
const orderDuration = meter.createHistogram("hello.order.duration", {
  unit: "s",
  description: "Time that placing an order took.",
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] },
});

const centsByItem = new Map([
  ["tea", 320],
  ["coffee", 380],
  ["cake", 450],
]);
const maxQuantity = 100;

/** What the caller got wrong; its text is for the caller. */
export class OrderRefused extends Error {
  name = "OrderRefused";
}

/** Runs `work` in a span that ends with it and carries its failure. */
export async function inSpan(name, attributes, work) {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Prices an order, reserves its stock and gives the order back with its total. */
export async function placeOrder({ item, quantity }) {
  const startedMs = performance.now();
  const cents = centsByItem.get(item);
  if (cents === undefined) {
    throw new OrderRefused(`item must be one of ${[...centsByItem.keys()].join(", ")}`);
  }
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > maxQuantity) {
    throw new OrderRefused(`quantity must be a whole number from 1 to ${maxQuantity}`);
  }
  const attributes = { "hello.item": item };
  await inSpan("reserve stock", { ...attributes, "hello.quantity": quantity }, () =>
    // Stands for the call that a real service would make to its database.
    delay(10 + quantity / 10),
  );
  ordersPlaced.add(1, attributes);
  orderDuration.record((performance.now() - startedMs) / 1_000, attributes);
  return { item, quantity, totalCents: cents * quantity };
}

/** An operation that always fails, to see what a failure looks like in each signal. */
export async function failOnPurpose() {
  await inSpan("charge card", {}, async () => {
    await delay(5);
    throw new Error("the payment provider refused the card");
  });
}
