import { expect, test } from "vitest";
import { parseMetrics, total } from "./scrape.ts";

const text = `# HELP queue Records.
# TYPE queue gauge
queue{exporter="otlp_http/loki",data_type="logs"} 12
queue{exporter="otlp_http/tempo",data_type="traces"} 3e2
queue_capacity{exporter="otlp_http/loki"} 100
up 1
`;

test("samples are added up by their labels", () => {
  const samples = parseMetrics(text);
  expect(total(samples, "queue")).toBe(312);
  expect(total(samples, "queue", { exporter: "otlp_http/loki" })).toBe(12);
  expect(total(samples, "queue", { data_type: "traces" })).toBe(300);
  expect(total(samples, "queue", { type: "traces" })).toBe(0);
  expect(total(samples, "up")).toBe(1);
});
