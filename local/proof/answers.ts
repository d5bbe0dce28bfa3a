/** An answer that is no answer to what was asked: another program or version than expected. Asking again is no use. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

export interface LogLine {
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface TraceSpan {
  readonly spanId: string;
  /** Absent on the root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly service: string;
  readonly durationMs: number;
}

export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  readonly timestampSeconds: number;
}

type Json = Record<string, unknown>;

/** Lines of Loki's answer to a range query. */
export function parseLogLines(body: unknown): LogLine[] {
  return array("Loki", field("Loki", field("Loki", body, "data"), "result")).flatMap((stream) => {
    const labels = field("Loki", stream, "stream") as Record<string, string>;
    return array("Loki", field("Loki", stream, "values")).map((value) => {
      const [, line] = array("Loki", value);
      if (typeof line !== "string") throw malformed("Loki", "values", value);
      return { line, labels };
    });
  });
}

/** Spans of Tempo's answer to a look-up by id, in no order; none for a trace that it does not know. */
export function parseTrace(body: unknown): TraceSpan[] {
  const trace = field("Tempo", body, "trace");
  // Absent when Tempo does not know the trace, which it says with status 200.
  const resources = array("Tempo", (trace as Json)["resourceSpans"] ?? []);
  return resources.flatMap((resource) => {
    const service = serviceName(resource);
    return array("Tempo", (resource as Json)["scopeSpans"] ?? []).flatMap((scope) =>
      array("Tempo", (scope as Json)["spans"] ?? []).map((span) => parseSpan(span, service)),
    );
  });
}

/** The one number of Prometheus' answer to an instant query; nothing when the query finds nothing. */
export function parseValue(body: unknown): number | undefined {
  const data = field("Prometheus", body, "data");
  const [sample] = array("Prometheus", field("Prometheus", data, "result"));
  if (sample === undefined) return undefined;
  const [, text] = array("Prometheus", field("Prometheus", sample, "value"));
  const value = Number(text);
  if (typeof text !== "string" || Number.isNaN(value)) {
    throw malformed("Prometheus", "value", sample);
  }
  return value;
}

/** Exemplars of Prometheus' answer, newest first. */
export function parseExemplars(body: unknown): Exemplar[] {
  const exemplars = array("Prometheus", field("Prometheus", body, "data")).flatMap((series) =>
    array("Prometheus", field("Prometheus", series, "exemplars")).map((exemplar) => {
      const labels = field("Prometheus", exemplar, "labels") as Record<string, string | undefined>;
      return {
        traceId: labels["trace_id"] ?? "",
        value: Number(field("Prometheus", exemplar, "value")),
        timestampSeconds: Number(field("Prometheus", exemplar, "timestamp")),
      };
    }),
  );
  return exemplars.sort((a, b) => b.timestampSeconds - a.timestampSeconds);
}

function parseSpan(value: unknown, service: string): TraceSpan {
  const span = object("Tempo", "span", value);
  const { spanId, parentSpanId, name } = span;
  const [start, end] = [span["startTimeUnixNano"], span["endTimeUnixNano"]];
  if (
    typeof spanId !== "string" ||
    typeof name !== "string" ||
    typeof start !== "string" ||
    typeof end !== "string"
  ) {
    throw malformed("Tempo", "span", value);
  }
  const parent = typeof parentSpanId === "string" && parentSpanId !== "" ? parentSpanId : undefined;
  return {
    spanId: hexId(spanId),
    parentSpanId: parent === undefined ? undefined : hexId(parent),
    name,
    service,
    durationMs: Number(BigInt(end) - BigInt(start)) / 1e6,
  };
}

/** Protobuf's JSON has ids in base64, OTLP's own in hexadecimal. */
function hexId(id: string): string {
  return /^[0-9a-f]{16}$/.test(id) ? id : Buffer.from(id, "base64").toString("hex");
}

function serviceName(resourceSpans: unknown): string {
  const resource = field("Tempo", resourceSpans, "resource");
  const attributes = array("Tempo", (resource as Json)["attributes"] ?? []) as {
    key?: string;
    value?: { stringValue?: string };
  }[];
  return attributes.find(({ key }) => key === "service.name")?.value?.stringValue ?? "unknown";
}

function field(who: string, value: unknown, name: string): unknown {
  const found = object(who, name, value)[name];
  if (found === undefined || found === null) throw malformed(who, name, value);
  return found;
}

function object(who: string, name: string, value: unknown): Json {
  if (typeof value !== "object" || value === null) throw malformed(who, name, value);
  return value as Json;
}

function array(who: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw malformed(who, "a list", value);
  return value;
}

const shownCharacters = 120;

function malformed(who: string, expected: string, got: unknown): MalformedAnswer {
  const text = (JSON.stringify(got) as string | undefined) ?? "nothing";
  return new MalformedAnswer(
    `${who} answered something unexpected: no ${expected} in ${text.slice(0, shownCharacters)}`,
  );
}
