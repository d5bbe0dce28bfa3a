import type { Halves } from "./protocol.ts";

/** Bits that no time, counter or text of a request has. */
const markHigh = 0x7eed_0000;

/**
 * Stands for a 64-bit number that each request has another of. Encoding a request costs far more than writing over its
 * numbers: so it is encoded once, with marks, and their places are looked for in the bytes.
 */
export function numberMark(kind: number, index: number): Halves {
  return { low: index + 1, high: markHigh + kind };
}

/** The same as bytes of any length: ids of traces and spans, digits of a text. */
export function bytesMark(kind: number, index: number, length: number): Buffer {
  const mark = Buffer.alloc(length, 0x7e);
  mark.write(String(index).padStart(5, "0"), 0, "latin1");
  mark.write(String(kind), 5, "latin1");
  return mark;
}

/** Where marks lie in encoded bytes, in order. A mark that is missing or there twice is an error. */
export function findMarks(encoded: Buffer, marks: readonly (Halves | Buffer)[]): number[] {
  let from = 0;
  return marks.map((mark, index) => {
    const bytes = Buffer.isBuffer(mark) ? mark : halvesBytes(mark);
    const at = encoded.indexOf(bytes, from);
    if (at < 0 || encoded.includes(bytes, at + 1)) {
      throw new Error(`mark ${index} is ${at < 0 ? "not there" : "there twice"}`);
    }
    from = at + bytes.length;
    return at;
  });
}

function halvesBytes({ low, high }: Halves): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(low, 0);
  bytes.writeUInt32LE(high, 4);
  return bytes;
}

/** Decimal digits, right-aligned in `length` places, without making a text of them. */
export function writeDigits(into: Buffer, offset: number, length: number, value: number): void {
  let rest = value;
  for (let at = offset + length - 1; at >= offset; at -= 1) {
    into[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** Nanoseconds since 1970, for a record some microseconds after a moment. */
export function writeTime(into: Buffer, offset: number, atMs: number, microseconds = 0): void {
  into.writeBigUInt64LE(BigInt(atMs) * 1_000_000n + BigInt(microseconds * 1_000), offset);
}
