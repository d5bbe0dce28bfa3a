import { expect, test } from "vitest";
import { report } from "./src/report.js";

const where = { namespace: "sightline", pod: "gateway-2", claim: "queue" };
const queues = [
  { exporter: "otlp_http/loki", signal: "logs", records: 1_200 },
  { exporter: "otlp_grpc/sampler-0", signal: "traces", records: 3 },
];
const held = { queues, records: 1_203, inFlight: 2 };
const fix =
  "they are sent once gateway-2 runs again: keep the volume, mend what they are for, and set collector.gateway.replicas.min to 3 or more until its queues are empty";

test("what is left is named by exporter and volume, with what to do", () => {
  const outcome = { drained: false, fate: "leaves", because: "300 s are over", held } as const;
  expect(report(outcome, where)).toEqual([
    { level: "warn", msg: "not drained: 300 s are over" },
    {
      level: "warn",
      msg: `1200 records of otlp_http/loki (logs) remain on volume queue-gateway-2 of namespace sightline; ${fix}`,
      records: 1_200,
      exporter: "otlp_http/loki",
      signal: "logs",
      volume: "queue-gateway-2",
      namespace: "sightline",
    },
    expect.objectContaining({
      level: "warn",
      records: 3,
      exporter: "otlp_grpc/sampler-0",
      volume: "queue-gateway-2",
    }),
  ]);
});

test("where nothing is known, the volume is named all the same", () => {
  const outcome = {
    drained: false,
    fate: "leaves",
    because: "connect ECONNREFUSED",
    held: undefined,
  } as const;
  expect(report(outcome, where)).toEqual([
    {
      level: "warn",
      msg: `not drained: connect ECONNREFUSED; nothing known of its queues on volume queue-gateway-2 of namespace sightline, and if records are left there, ${fix}`,
      volume: "queue-gateway-2",
      namespace: "sightline",
    },
  ]);
});

test("a replica that comes back warns of nothing", () => {
  const outcome = {
    drained: false,
    fate: "returns",
    because: "gateway wants 3 replicas",
    held,
  } as const;
  expect(report(outcome, where)).toEqual([
    {
      level: "info",
      msg: "gateway wants 3 replicas: the next gateway-2 takes volume queue-gateway-2 over, with 1203 records in its queues (1200 for otlp_http/loki (logs), 3 for otlp_grpc/sampler-0 (traces))",
    },
  ]);
});

test("empty queues need one line", () => {
  const empty = { queues: [], records: 0, inFlight: 0 };
  const outcome = {
    drained: true,
    fate: "leaves",
    because: "nothing is left",
    held: empty,
  } as const;
  expect(report(outcome, where)).toEqual([{ level: "info", msg: "drained, nothing is left" }]);
});
