import protobuf from "protobufjs/light.js";

/** A 64-bit number as its two halves: what the encoder takes without a library for such numbers. */
export interface Halves {
  readonly low: number;
  readonly high: number;
}

export interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface Resource {
  readonly attributes: readonly KeyValue[];
}

/** `Time` is `Halves` where it is encoded, and a decimal text where it was decoded. */
export interface LogRecord<Time = Halves> {
  readonly timeUnixNano: Time;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
}

export interface Span<Time = Halves> {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId?: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: Time;
  readonly endTimeUnixNano: Time;
  readonly attributes: readonly KeyValue[];
  readonly status?: { readonly code: number };
}

export interface NumberPoint<Time = Halves> {
  readonly startTimeUnixNano: Time;
  readonly timeUnixNano: Time;
  readonly asInt: Time;
  readonly attributes: readonly KeyValue[];
}

export interface Metric<Time = Halves> {
  readonly name: string;
  readonly sum?: {
    readonly dataPoints: readonly NumberPoint<Time>[];
    readonly aggregationTemporality: number;
    readonly isMonotonic: boolean;
  };
}

export interface LogsRequest<Time = Halves> {
  readonly resourceLogs: readonly {
    readonly resource: Resource;
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord<Time>[] }[];
  }[];
}

export interface TracesRequest<Time = Halves> {
  readonly resourceSpans: readonly {
    readonly resource: Resource;
    readonly scopeSpans: readonly { readonly spans: readonly Span<Time>[] }[];
  }[];
}

export interface MetricsRequest<Time = Halves> {
  readonly resourceMetrics: readonly {
    readonly resource: Resource;
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric<Time>[] }[];
  }[];
}

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: "repeated" });
const message = (fields: Record<string, { id: number; type: string; rule?: string }>) => ({
  fields,
});

/** The part of OTLP that is sent and read here. Numbers and types are the protocol's, version 1. */
const otlp = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message({
      stringValue: field(1, "string"),
      boolValue: field(2, "bool"),
      intValue: field(3, "int64"),
      doubleValue: field(4, "double"),
    }),
    KeyValue: message({ key: field(1, "string"), value: field(2, "AnyValue") }),
    Resource: message({ attributes: list(1, "KeyValue") }),
    LogRecord: message({
      timeUnixNano: field(1, "fixed64"),
      severityNumber: field(2, "int32"),
      severityText: field(3, "string"),
      body: field(5, "AnyValue"),
      attributes: list(6, "KeyValue"),
    }),
    ScopeLogs: message({ logRecords: list(2, "LogRecord") }),
    ResourceLogs: message({ resource: field(1, "Resource"), scopeLogs: list(2, "ScopeLogs") }),
    LogsRequest: message({ resourceLogs: list(1, "ResourceLogs") }),
    Status: message({ code: field(3, "int32") }),
    Span: message({
      traceId: field(1, "bytes"),
      spanId: field(2, "bytes"),
      parentSpanId: field(4, "bytes"),
      name: field(5, "string"),
      kind: field(6, "int32"),
      startTimeUnixNano: field(7, "fixed64"),
      endTimeUnixNano: field(8, "fixed64"),
      attributes: list(9, "KeyValue"),
      status: field(15, "Status"),
    }),
    ScopeSpans: message({ spans: list(2, "Span") }),
    ResourceSpans: message({ resource: field(1, "Resource"), scopeSpans: list(2, "ScopeSpans") }),
    TracesRequest: message({ resourceSpans: list(1, "ResourceSpans") }),
    NumberPoint: message({
      startTimeUnixNano: field(2, "fixed64"),
      timeUnixNano: field(3, "fixed64"),
      asInt: field(6, "sfixed64"),
      attributes: list(7, "KeyValue"),
    }),
    Sum: message({
      dataPoints: list(1, "NumberPoint"),
      aggregationTemporality: field(2, "int32"),
      isMonotonic: field(3, "bool"),
    }),
    Metric: message({ name: field(1, "string"), sum: field(7, "Sum") }),
    ScopeMetrics: message({ metrics: list(2, "Metric") }),
    ResourceMetrics: message({
      resource: field(1, "Resource"),
      scopeMetrics: list(2, "ScopeMetrics"),
    }),
    MetricsRequest: message({ resourceMetrics: list(1, "ResourceMetrics") }),
    PartialSuccess: message({ rejected: field(1, "int64"), errorMessage: field(2, "string") }),
    Response: message({ partialSuccess: field(1, "PartialSuccess") }),
  },
});

function encode(type: string, value: object): Buffer {
  return Buffer.from(otlp.lookupType(type).encode(value).finish());
}

/** Lists that are absent come as empty, 64-bit numbers as text. */
function decode(type: string, bytes: Uint8Array): object {
  const of = otlp.lookupType(type);
  return of.toObject(of.decode(bytes), { longs: String, arrays: true });
}

export const encodeLogs = (request: LogsRequest): Buffer => encode("LogsRequest", request);
export const encodeTraces = (request: TracesRequest): Buffer => encode("TracesRequest", request);
export const encodeMetrics = (request: MetricsRequest): Buffer => encode("MetricsRequest", request);

export const decodeLogs = (bytes: Uint8Array) =>
  decode("LogsRequest", bytes) as LogsRequest<string>;
export const decodeTraces = (bytes: Uint8Array) =>
  decode("TracesRequest", bytes) as TracesRequest<string>;
export const decodeMetrics = (bytes: Uint8Array) =>
  decode("MetricsRequest", bytes) as MetricsRequest<string>;

/** Records that a receiver took the request without; the answers of all three signals have one form. */
export function rejectedRecords(response: Uint8Array): number {
  if (response.length === 0) return 0;
  const { partialSuccess } = decode("Response", response) as {
    readonly partialSuccess?: { readonly rejected?: string };
  };
  return Number(partialSuccess?.rejected ?? 0);
}

/** Text attributes, as OTLP has them. */
export function textAttributes(values: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
