import { expect, test } from "vitest";
import { stackSettings } from "../../test/harness.ts";
import type { Proof } from "./prove.ts";
import { proofLines, spanTree } from "./report.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const root = {
  spanId: "00f067aa0ba902b7",
  parentSpanId: undefined,
  name: "POST /orders",
  service: "hello",
  durationMs: 27.5,
};
const child = { ...root, spanId: "1234567890abcdef", parentSpanId: root.spanId, durationMs: 10.7 };

const proof: Proof = {
  traceId,
  log: {
    value: {
      line: "order placed",
      labels: { severity_text: "info", span_id: root.spanId },
    },
    lagSeconds: 0.91,
  },
  trace: { value: [{ ...child, name: "reserve stock" }, root], lagSeconds: 1.44 },
  counter: { value: 3, lagSeconds: 5.21 },
  calls: { value: 6, lagSeconds: 4 },
  exemplar: { value: { traceId, value: 0.0275, timestampSeconds: 1 }, lagSeconds: 12.04 },
  totalSeconds: 61.25,
};

const kubectl = { program: "kubectl", kubeconfig: "/state/kubeconfig" };
const noGrafana = stackSettings("dev", { grafana: { enabled: false } });

test("each part stands with its lag, the spans as a tree", () => {
  expect(proofLines(proof, noGrafana, kubectl).slice(0, 8)).toEqual([
    `Linked: request ${traceId}`,
    '  log         0.9 s   info "order placed", span 00f067aa0ba902b7',
    "  trace       1.4 s   hello: POST /orders 27.5 ms",
    "                      └─ hello: reserve stock 10.7 ms",
    "  counter     5.2 s   hello_orders_total 3",
    "  spans       4.0 s   traces_spanmetrics_calls_total 6",
    "  exemplar   12.0 s   traces_kept_duration_seconds_bucket leads to this trace",
    "61.3 s from the start until all of it was linked",
  ]);
});

test("each backend has a command that opens it and an address to open", () => {
  const text = proofLines(proof, noGrafana, kubectl).join("\n");
  expect(text).toContain(
    "  Tempo       kubectl --kubeconfig /state/kubeconfig -n sightline port-forward svc/tempo 3200\n" +
      `              http://127.0.0.1:3200/api/v2/traces/${traceId}`,
  );
  expect(text).not.toContain("grafana");
});

test("with Grafana, its address comes first and opens the trace", () => {
  const lines = proofLines(proof, stackSettings("dev"), kubectl);
  const at = lines.findIndex((line) => line.includes("svc/grafana"));
  const url = new URL((lines[at + 1] ?? "").trim());
  expect(lines[at - 1]).toBe("To look yourself, open a port (until Ctrl-C) and then the address:");
  expect(JSON.parse(url.searchParams.get("panes") ?? "")).toMatchObject({
    trace: { datasource: "tempo", queries: [{ queryType: "traceql", query: traceId }] },
  });
});

test("a span whose parent is missing is shown all the same", () => {
  expect(spanTree([{ ...child, parentSpanId: "ffffffffffffffff" }, root])).toEqual([
    "hello: POST /orders 10.7 ms",
    "hello: POST /orders 27.5 ms",
  ]);
});
