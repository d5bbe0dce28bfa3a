import { expect, test } from "vitest";
import { stackSettings } from "../../test/harness.ts";
import { proveThrough, type Proof } from "./prove.ts";
import {
  answersWhenAllIsThere,
  exemplarAnswer,
  ids,
  lokiAnswer,
  noLines,
  tempoAnswer,
  valueAnswer,
  withStandIn,
  type Answer,
  type Answers,
} from "./stand-in.ts";

const settings = stackSettings("dev");
const timeoutSeconds = 1;

function prove(changes: Partial<Answers>, startedAtMs = Date.now()): Promise<Proof> {
  return withStandIn({ ...answersWhenAllIsThere, ...changes }, (urls) =>
    proveThrough(urls, { settings, log: () => undefined, timeoutSeconds, startedAtMs }),
  );
}

/** Answers one thing for the first so many requests, and another from then on. */
function after(count: number, before: Answer, then: () => Answer): () => Answer {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > count ? then() : before;
  };
}

const allThere = (name: "loki" | "tempo") => () =>
  answersWhenAllIsThere[name](new URL("http://127.0.0.1/"));

test("a request that left everything behind is linked", async () => {
  const proof = await prove({}, Date.now() - 5_000);
  expect(proof).toMatchObject({
    traceId: ids.trace,
    log: { value: { line: "order placed", labels: { span_id: ids.root } } },
    counter: { value: 3 },
    calls: { value: 3 },
    exemplar: { value: { traceId: ids.trace, value: 0.0275 } },
  });
  expect(proof.trace.value).toEqual([
    {
      spanId: ids.child,
      parentSpanId: ids.root,
      name: "reserve stock",
      service: "hello",
      durationMs: 11,
    },
    {
      spanId: ids.root,
      parentSpanId: undefined,
      name: "POST /orders",
      service: "hello",
      durationMs: 28,
    },
  ]);
  expect(proof.totalSeconds).toBeGreaterThanOrEqual(5);
  expect(proof.totalSeconds).toBeLessThan(6);
});

test("what comes late is waited for, each by itself", async () => {
  const proof = await prove({
    loki: after(2, { body: noLines }, allThere("loki")),
    tempo: after(1, { body: { trace: {}, metrics: {} } }, allThere("tempo")),
  });
  expect(proof.log.lagSeconds).toBeGreaterThanOrEqual(0.4);
  expect(proof.counter.lagSeconds).toBeLessThan(proof.log.lagSeconds);
});

test("a backend that fails for a moment is asked again", async () => {
  const proof = await prove({
    loki: after(1, { status: 503, body: "empty ring" }, allThere("loki")),
  });
  expect(proof.log.value.line).toBe("order placed");
});

test("says meanwhile what is still looked for, how long and why", async () => {
  const lines: string[] = [];
  const late = { loki: after(4, { body: noLines }, allThere("loki")) };
  await withStandIn({ ...answersWhenAllIsThere, ...late }, (urls) =>
    proveThrough(urls, {
      settings,
      log: (line) => lines.push(line),
      timeoutSeconds: 10,
      notePeriodMs: 300,
    }),
  );
  const [, ...notes] = lines;
  expect(notes.length).toBeGreaterThanOrEqual(1);
  for (const note of notes) {
    expect(note).toMatch(
      /^waiting for log in Loki \([01] s: Loki has no line for \{service_name="hello"\} \| trace_id="\w+"\)$/,
    );
  }
});

test("nothing found: the way into the gateway is blamed", async () => {
  const proof = prove({
    loki: () => ({ body: noLines }),
    tempo: () => ({ body: { trace: {}, metrics: {} } }),
    prometheus: ({ pathname }) => ({
      body: pathname.endsWith("/query") ? valueAnswer() : exemplarAnswer(),
    }),
  });
  await expect(withoutCounts(proof)).rejects.toThrow(
    [
      `Request ${ids.trace} was answered, but not all of it was found within 1 s:`,
      `  log in Loki             not found: Loki has no line for {service_name="hello"} | trace_id="${ids.trace}"`,
      "  trace in Tempo          not found: Tempo does not know the trace",
      "  counter in Prometheus   not found: Prometheus has no count since the request for hello_orders_total",
      "  requests in Prometheus  not found: Prometheus has no count since the request for traces_spanmetrics_calls_total",
      "  exemplar in Prometheus  not found: Prometheus has no exemplar of traces_kept_duration_seconds_bucket",
      "Likely: nothing reaches the gateway from the application.",
      "Look:   kubectl -n sightline-examples logs -l app.kubernetes.io/name=hello --tail=50",
      "Look:   kubectl -n sightline logs -l app.kubernetes.io/name=gateway --tail=50",
    ].join("\n"),
  );
});

const partly: [what: string, changes: Partial<Answers>, lines: string[]][] = [
  [
    "the log",
    { loki: () => ({ status: 500, body: "too many outstanding requests" }) },
    [
      "  log in Loki             not found: HTTP 500 too many outstanding requests",
      "Likely: no log reached the gateway, or it cannot send to Loki, or Loki refuses.",
      "Look:   kubectl -n sightline-examples logs -l app.kubernetes.io/name=hello --tail=50",
      "Look:   kubectl -n sightline logs -l app.kubernetes.io/name=gateway --tail=50",
      "Look:   kubectl -n sightline logs -l app.kubernetes.io/name=loki --tail=50",
    ],
  ],
  [
    "the trace, and with it where the exemplar leads",
    { tempo: () => ({ status: 404, body: "" }) },
    [
      "  trace in Tempo          not found: Tempo does not know the trace",
      `  exemplar in Prometheus  not found: Tempo does not know trace ${ids.trace}, which an exemplar names`,
      "Likely: the sampler has not decided yet (it waits up to 10 s), or cannot send to Tempo.",
      "Look:   kubectl -n sightline logs -l app.kubernetes.io/name=sampler --tail=50",
      "Look:   kubectl -n sightline logs -l app.kubernetes.io/name=tempo --tail=50",
    ],
  ],
  [
    "a part of the trace",
    {
      tempo: () => ({
        body: tempoAnswer([
          {
            spanId: ids.root,
            name: "POST /orders",
            startTimeUnixNano: "1000000",
            endTimeUnixNano: "3000000",
          },
        ]),
      }),
    },
    [
      '  trace in Tempo          not found: Tempo has 1 span(s) of it, without "reserve stock"',
      "Likely: the sampler has not decided yet (it waits up to 10 s), or cannot send to Tempo.",
    ],
  ],
  [
    "the exemplar",
    {
      prometheus: ({ pathname }) => ({
        body: pathname.endsWith("/query") ? valueAnswer("3") : exemplarAnswer(),
      }),
    },
    [
      "  requests in Prometheus  found after 0.0 s",
      "  exemplar in Prometheus  not found: Prometheus has no exemplar of traces_kept_duration_seconds_bucket",
      "Likely: Prometheus keeps no exemplars, or the sampler makes none.",
    ],
  ],
];

test.each(partly)("not found is %s", async (_what, changes, lines) => {
  const message = await withoutCounts(prove(changes)).then(
    () => "linked",
    (error: unknown) => (error as Error).message.replace(/after 0\.\d s/g, "after 0.0 s"),
  );
  expect(message.split("\n")).toEqual(expect.arrayContaining(lines));
});

test("an exemplar of another trace counts when that one can be opened", async () => {
  const proof = await prove({
    prometheus: ({ pathname }) => ({
      body: pathname.endsWith("/query") ? valueAnswer("3") : exemplarAnswer(ids.other),
    }),
  });
  expect(proof.exemplar.value.traceId).toBe(ids.other);
});

const malformed: [what: string, changes: Partial<Answers>, message: string][] = [
  [
    "Loki's answer is of another kind",
    { loki: () => ({ body: { streams: [] } }) },
    'Loki answered something unexpected: no data in {"streams":[]}',
  ],
  [
    "Tempo's span has no times",
    { tempo: () => ({ body: tempoAnswer([{ spanId: ids.root, name: "POST /orders" }]) }) },
    `Tempo answered something unexpected: no span in {"spanId":"${ids.root}","name":"POST /orders"}`,
  ],
  [
    "Prometheus' value is no number",
    { prometheus: () => ({ body: valueAnswer("many") }) },
    'Prometheus answered something unexpected: no value in {"metric":{},"value":[1795179470.1,"many"]}',
  ],
  [
    "a web page answers",
    { loki: () => ({ body: "<html>login</html>" }) },
    "/loki-base/loki/api/v1/query_range answered no JSON: <html>login</html>",
  ],
  [
    "the application does not trace",
    { hello: () => ({ status: 201, body: {} }) },
    'hello answered without a trace id (x-trace-id: ""), so its OpenTelemetry SDK does not run',
  ],
  [
    "the log names no span of the trace",
    { loki: () => ({ body: lokiAnswer("ffffffffffffffff") }) },
    `the log line names span ffffffffffffffff, but the trace has ${ids.child}, ${ids.root}: log and trace are not linked`,
  ],
];

test.each(malformed)("asking again is no use when %s", async (_what, changes, message) => {
  const startedAt = Date.now();
  await expect(prove(changes)).rejects.toThrow(message);
  expect(Date.now() - startedAt).toBeLessThan(timeoutSeconds * 1_000);
});

test("an application that takes no order is named", async () => {
  await expect(
    withoutCounts(prove({ hello: () => ({ status: 502, body: "bad gateway" }) })),
  ).rejects.toThrow("hello took no order: HTTP 502 bad gateway");
});

/** How often something was asked depends on the machine. */
async function withoutCounts<T>(proof: Promise<T>): Promise<T> {
  try {
    return await proof;
  } catch (error) {
    throw new Error((error as Error).message.replace(/ \(asked \d+ times\)/g, ""));
  }
}
