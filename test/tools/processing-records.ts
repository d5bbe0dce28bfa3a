import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { collectorDocument } from "../../collector-config/render.ts";
import { endpoints } from "../../config/endpoints.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { runOnLoopback, until, type CollectorDocument } from "./loopback-collector.ts";
import { postOtlp } from "./otlp.ts";

/** A value of OTLP's JSON. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface LogRecord {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly droppedAttributesCount?: number;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
}

interface LogBatch {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[];
  }[];
}

/** A plain value as OTLP has it. */
export function anyValue(value: unknown): AnyValue {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Number.isInteger(value)) return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as object) } };
}

export function keyValues(values: object): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** OTLP's value as a plain one. Integers of any kind are numbers. */
export function plainValue(value: AnyValue | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.kvlistValue !== undefined) return plainValues(value.kvlistValue.values);
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plainValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

export function plainValues(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

/** The prod gateway on loopback, with one listener. `processing` is put over its settings. */
export async function runProcessing(binary: string, directory: string, processing: object = {}) {
  const file = "Pulumi.prod.yaml";
  const written = readStackConfig(join(import.meta.dirname, "..", "..", file));
  const overlay = { collector: { gateway: { public: { enabled: false } }, processing } };
  const settings = parseConfig(file, mergeOverlay(written, overlay));
  const document = collectorDocument(gatewayConfig(settings, endpoints(settings)));
  const own = mkdtempSync(join(directory, "processing-"));
  return runOnLoopback(binary, document as unknown as CollectorDocument, own);
}

export type Gateway = Awaited<ReturnType<typeof runProcessing>>;

/** Every log that has reached Loki's exporter. */
export function logsIn(gateway: Gateway): LogRecord[] {
  return (gateway.exported("otlp_http/loki") as LogBatch[])
    .flatMap(({ resourceLogs }) => resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

/**
 * Sends logs and gives back what came of each, in order; undefined where one was dropped. They are followed by one that is
 * never dropped, so that all before it have passed.
 */
export async function throughGateway(
  gateway: Gateway,
  records: readonly LogRecord[],
): Promise<(LogRecord | undefined)[]> {
  const run = randomUUID();
  const timeUnixNano = `${Date.now()}000000`;
  const numbered = [...records, { severityNumber: 9, body: { stringValue: "last" } }].map(
    ({ attributes = [], ...record }, index) => ({
      timeUnixNano,
      ...record,
      attributes: [
        { key: "test.number", value: { stringValue: `${run}/${index}` } },
        ...attributes,
      ],
    }),
  );
  const resource = { attributes: keyValues({ "service.name": "shop" }) };
  const body = { resourceLogs: [{ resource, scopeLogs: [{ logRecords: numbered }] }] };
  const status = await postOtlp(`${gateway.otlpHttp}/v1/logs`, body);
  if (status !== 200) throw new Error(`the gateway answered ${status}`);
  const find = (index: number) =>
    logsIn(gateway).find(
      ({ attributes }) => plainValues(attributes)["test.number"] === `${run}/${index}`,
    );
  await until("the last log has passed", () => find(records.length) !== undefined);
  return records.map((_, index) => {
    const found = find(index);
    if (found === undefined) return undefined;
    const attributes = found.attributes?.filter(({ key }) => key !== "test.number") ?? [];
    return { ...found, attributes };
  });
}

interface SpanBatch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

export interface Span {
  readonly name: string;
  readonly kind?: number;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly KeyValue[] }[];
}

/** Sends spans of one resource, and gives back all of that resource that any sampler was given. */
export async function spansThroughGateway(
  gateway: Gateway,
  resource: object,
  spans: readonly Span[],
): Promise<{ readonly spans: Span[]; readonly resource: Record<string, unknown> }> {
  const ids = () => ({
    traceId: randomUUID().replaceAll("-", ""),
    spanId: randomUUID().replaceAll("-", "").slice(16),
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now() + 1}000000`,
  });
  const run = randomUUID();
  const sent = [...spans, { name: run }].map((span) => ({ ...ids(), ...span }));
  const attributes = keyValues({ ...resource, "test.run": run });
  const body = { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: sent }] }] };
  const status = await postOtlp(`${gateway.otlpHttp}/v1/traces`, body);
  if (status !== 200) throw new Error(`the gateway answered ${status}`);
  const received = () =>
    [0, 1, 2]
      .flatMap((ordinal) => gateway.exported(`otlp_grpc/sampler-${ordinal}`) as SpanBatch[])
      .flatMap(({ resourceSpans }) => resourceSpans)
      .filter(({ resource: { attributes: of } }) => plainValues(of)["test.run"] === run);
  const named = () =>
    received().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: found }) => found));
  await until("the last span has passed", () => named().some(({ name }) => name === run));
  return {
    spans: named().filter(({ name }) => name !== run),
    resource: plainValues(received()[0]?.resource.attributes),
  };
}

/** Names of the metrics of one batch that have reached the first Prometheus, with their points' attributes. */
export function pointsIn(gateway: Gateway): Record<string, Record<string, unknown>[]> {
  interface MetricBatch {
    readonly resourceMetrics: readonly {
      readonly scopeMetrics: readonly {
        readonly metrics: readonly {
          readonly name: string;
          readonly gauge?: { readonly dataPoints: readonly { attributes?: readonly KeyValue[] }[] };
        }[];
      }[];
    }[];
  }
  const metrics = (gateway.exported("otlp_http/prometheus-0") as MetricBatch[])
    .flatMap(({ resourceMetrics }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: found }) => found));
  return Object.fromEntries(
    metrics.map(({ name, gauge }) => [
      name,
      (gauge?.dataPoints ?? []).map(({ attributes }) => plainValues(attributes)),
    ]),
  );
}
