import { randomBytes } from "node:crypto";

/** Who wrote a record: a run of the generator, and one of its writers. */
export interface Writer {
  /** Eight hexadecimal digits, new for each run. */
  readonly run: string;
  readonly index: number;
}

const writerDigits = 3;
export const counterDigits = 10;

export function newRunId(): string {
  return randomBytes(4).toString("hex");
}

/** What every id of a writer begins with. */
export function idPrefix({ run, index }: Writer): string {
  return `id-${run}-${String(index).padStart(writerDigits, "0")}-`;
}

/** The id of a writer's record: fixed in width, so that it can be written over another one. */
export function recordId(writer: Writer, counter: number): string {
  return idPrefix(writer) + String(counter).padStart(counterDigits, "0");
}

const idPattern = /id-([0-9a-f]{8})-(\d{3})-(\d{10})/;

/** Whose record a line shows, if it shows one. */
export function findId(text: string): { writer: Writer; counter: number } | undefined {
  const [, run, index, counter] = idPattern.exec(text) ?? [];
  if (run === undefined) return undefined;
  return { writer: { run, index: Number(index) }, counter: Number(counter) };
}

/** Scatters counters: samplers are chosen by the end of the trace id. */
function scattered(counter: number): number {
  const once = Math.imul(counter ^ (counter >>> 16), 0x45d9f3b);
  const twice = Math.imul(once ^ (once >>> 16), 0x45d9f3b);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/** Run, writer and counter, and behind them what looks as random as other tracers' ids. */
export function writeTraceId(into: Buffer, offset: number, writer: Writer, counter: number): void {
  into.writeUInt32BE(Number.parseInt(writer.run, 16), offset);
  into.writeUInt16BE(writer.index, offset + 4);
  into.writeUInt32BE(counter, offset + 6);
  into.writeUInt16BE(scattered(counter + 0x9e3779b9) & 0xffff, offset + 10);
  into.writeUInt32BE(scattered(counter), offset + 12);
}

/** Ids of spans count from one: an id of zeros is none. */
export function writeSpanId(into: Buffer, offset: number, trace: number, span: number): void {
  into.writeUInt32BE(trace, offset);
  into.writeUInt32BE(span + 1, offset + 4);
}

export function traceId(writer: Writer, counter: number): string {
  const bytes = Buffer.alloc(16);
  writeTraceId(bytes, 0, writer, counter);
  return bytes.toString("hex");
}

export function spanId(trace: number, span: number): string {
  const bytes = Buffer.alloc(8);
  writeSpanId(bytes, 0, trace, span);
  return bytes.toString("hex");
}
