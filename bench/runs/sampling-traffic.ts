import { writeSpanId, writeTraceId } from "../generator/ids.ts";
import { encodeTraces, textAttributes, type Halves, type Span } from "../generator/protocol.ts";
import type { Requests } from "../generator/requests.ts";

const serviceNames = ["shop", "orders", "payment", "stock"] as const;
export const serviceCount = serviceNames.length;

/** What is special about a trace. */
export type TraceKind = "plain" | "early" | "late" | "rootless" | "slow";

/** A trace as it was sent: which spans a backend must show if it shows any. */
export interface SentTrace {
  readonly kind: TraceKind;
  readonly spans: readonly string[];
  /** The span that failed after its trace was decided. */
  readonly lateSpan?: string;
}

/** Of each hundred traces; the rest is plain. */
const kindsOfHundred: readonly TraceKind[] = [
  "early",
  "early",
  "early",
  "early",
  "late",
  "late",
  "rootless",
  "rootless",
  "slow",
  "slow",
];

/** Long after the decision about the trace. */
const lateByMs = 10_000;
const [normalMs, slowMs] = [20, 3_000] as const;
const [server, client] = [2, 3] as const;
const failed = { code: 2 };

function nanos(ms: number): Halves {
  const value = BigInt(Math.round(ms)) * 1_000_000n;
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n) };
}

interface Due {
  readonly service: number;
  readonly span: Span;
  readonly atMs: number;
}

/** Applications that call each other and send their own spans of each trace on their own, at different moments. */
export class Services {
  /** One for each service: the requests that `flush` made, by their numbers. */
  readonly requests: readonly Requests[];
  readonly traces = new Map<string, SentTrace>();
  spansSent = 0;
  readonly #run: string;
  readonly #made: Buffer[][] = serviceNames.map(() => []);
  #due: Due[] = [];
  #counter = 0;

  constructor(run: string) {
    this.#run = run;
    this.requests = this.#made.map((made): Requests => ({
      signal: "traces",
      records: 1,
      encode: (request) => made[request] ?? Buffer.alloc(0),
    }));
  }

  /** Whether an error is still to come. */
  hasLateSpans(): boolean {
    return this.#due.length > 0;
  }

  /** Begins so many traces and gives, for each service, the request that it sends now, if it has spans to send. */
  flush(traces: number, nowMs: number): (number | undefined)[] {
    for (let begun = 0; begun < traces; begun += 1) this.#begin(nowMs);
    const now = this.#due.filter(({ atMs }) => atMs <= nowMs);
    this.#due = this.#due.filter(({ atMs }) => atMs > nowMs);
    return this.#made.map((made, service) => {
      const spans = now.filter((due) => due.service === service).map(({ span }) => span);
      if (spans.length === 0) return undefined;
      this.spansSent += spans.length;
      const resource = {
        attributes: textAttributes({ "service.name": serviceNames[service] ?? "" }),
      };
      made.push(encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }));
      return made.length - 1;
    });
  }

  #begin(nowMs: number): void {
    const counter = this.#counter++;
    const kind = kindsOfHundred[counter % 100] ?? "plain";
    const traceId = Buffer.alloc(16);
    writeTraceId(traceId, 0, { run: this.#run, index: 0 }, counter);
    const id = (span: number) => {
      const bytes = Buffer.alloc(8);
      writeSpanId(bytes, 0, counter, span);
      return bytes;
    };
    const span = (index: number, more: Partial<Span>): Span => ({
      traceId,
      spanId: id(index),
      ...(index === 0 ? {} : { parentSpanId: id(index - 1) }),
      name: index % 2 === 0 ? `serve ${index / 2}` : `call ${(index + 1) / 2}`,
      kind: index % 2 === 0 ? server : client,
      startTimeUnixNano: nanos(nowMs - (kind === "slow" ? slowMs : normalMs)),
      endTimeUnixNano: nanos(nowMs),
      attributes: [],
      ...more,
    });
    // Even spans serve, odd ones call the next service; the last service calls nobody.
    const indices = Array.from({ length: 2 * serviceCount - 1 }, (_, index) => index);
    const failing = kind === "early" || kind === "rootless" ? 2 * (1 + (counter % 3)) : -1;
    const sent = indices.filter((index) => !(kind === "rootless" && index === 0));
    for (const index of sent) {
      const service = Math.floor(index / 2);
      // The root ends last. Every tenth time the last service's spans come after it even so.
      const straggles = service === serviceCount - 1 && counter % 10 === 9;
      const delayMs = straggles ? 400 : service === 0 ? 200 : 0;
      const more = index === failing ? { status: failed } : {};
      this.#due.push({ service, span: span(index, more), atMs: nowMs + delayMs });
    }
    const late = indices.length;
    if (kind === "late") {
      const service = serviceCount - 1;
      const name = "retry in the background";
      const more = { name, kind: server, status: failed, endTimeUnixNano: nanos(nowMs + lateByMs) };
      this.#due.push({ service, span: span(late, more), atMs: nowMs + lateByMs });
    }
    this.traces.set(traceId.toString("hex"), {
      kind,
      spans: sent.map((index) => id(index).toString("hex")),
      ...(kind === "late" ? { lateSpan: id(late).toString("hex") } : {}),
    });
  }
}
