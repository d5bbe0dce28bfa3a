import { open } from "node:fs/promises";

/** One entry of a tar stream. Owners are numbers only and every time is 0, so that equal input gives equal bytes. */
export interface TarEntry {
  /** Relative, without a leading slash. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly body?: TarBody;
  readonly linkTarget?: string;
}

/** A file's bytes: held in memory, or read from the disk while they are written. */
export type TarBody =
  { readonly bytes: Buffer } | { readonly source: string; readonly size: number };

const blockSize = 512;
const readSize = 1024 * 1024;

/** How many bytes a body has. */
export function bodySize(body: TarBody | undefined): number {
  if (body === undefined) return 0;
  return "bytes" in body ? body.bytes.length : body.size;
}

/** A whole tar archive, in pieces. */
export async function* tarStream(entries: Iterable<TarEntry>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield tarHeader(entry);
    yield* bodyChunks(entry.body);
    yield padding(bodySize(entry.body));
  }
  yield Buffer.alloc(2 * blockSize);
}

/** The header of an entry (ustar), led by a pax record for names that ustar has no room for. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const records = [
    ...(Buffer.byteLength(name) > 100 ? [paxRecord("path", name)] : []),
    ...(Buffer.byteLength(entry.linkTarget ?? "") > 100
      ? [paxRecord("linkpath", entry.linkTarget ?? "")]
      : []),
  ];
  const header = ustarHeader({
    ...entry,
    name,
    typeFlag: { file: "0", directory: "5", symlink: "2" }[entry.kind],
    size: bodySize(entry.body),
  });
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(""));
  const paxHeader = ustarHeader({
    ...{ name: "pax", typeFlag: "x", size: pax.length, mode: 0o644, uid: 0, gid: 0 },
  });
  return Buffer.concat([paxHeader, pax, padding(pax.length), header]);
}

/** Zeros that fill a body up to whole blocks. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

async function* bodyChunks(body: TarBody | undefined): AsyncGenerator<Buffer> {
  if (body === undefined) return;
  if ("bytes" in body) {
    yield body.bytes;
    return;
  }
  const file = await open(body.source);
  try {
    let left = body.size;
    while (left > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(readSize, left));
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) throw new Error(`${body.source} became shorter while it was read`);
      left -= bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

interface UstarFields {
  readonly name: string;
  readonly typeFlag: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkTarget?: string;
}

function ustarHeader(fields: UstarFields): Buffer {
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, offset: number, length: number): void => {
    const digits = value.toString(8).padStart(length - 1, "0");
    if (digits.length >= length) {
      throw new Error(`${fields.name}: ${value} does not fit a tar header`);
    }
    header.write(digits, offset, "ascii");
  };
  header.write(fields.name.slice(0, 100), 0, 100);
  octal(fields.mode, 100, 8);
  octal(fields.uid, 108, 8);
  octal(fields.gid, 116, 8);
  octal(fields.size, 124, 12);
  octal(0, 136, 12);
  header.write(" ".repeat(8), 148, "ascii");
  header.write(fields.typeFlag, 156, "ascii");
  header.write((fields.linkTarget ?? "").slice(0, 100), 157, 100);
  header.write("ustar\u000000", 257, "ascii");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

/** A pax record starts with its own length, whose digits count too. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
