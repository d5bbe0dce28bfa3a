import { open, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

const inflate = promisify(inflateRaw);
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
/** The end record takes 22 bytes and a comment of at most 65,535. */
const longestEndBytes = 22 + 0xffff;

/** Writes one member of a zip archive to a file. Debian's base system has no unzip. */
export async function extractFromZip(zip: string, member: string, target: string): Promise<void> {
  const file = await open(zip);
  const read = async (offset: number, bytes: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, offset);
    if (bytesRead < bytes) throw new Error(`${zip} ends too early for a zip archive`);
    return buffer;
  };
  try {
    const entry = await findEntry(zip, (await file.stat()).size, read, member);
    const local = await read(entry.offset, 30);
    const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const packed = await read(start, entry.packedBytes);
    if (entry.method !== 0 && entry.method !== 8)
      throw new Error(`${zip}: ${member} is packed by method ${entry.method}, which is not known`);
    await writeFile(target, entry.method === 0 ? packed : await inflate(packed));
  } finally {
    await file.close();
  }
}

interface ZipEntry {
  readonly method: number;
  readonly packedBytes: number;
  readonly offset: number;
}

async function findEntry(
  zip: string,
  size: number,
  read: (offset: number, bytes: number) => Promise<Buffer>,
  member: string,
): Promise<ZipEntry> {
  const tailBytes = Math.min(size, longestEndBytes);
  const tail = await read(size - tailBytes, tailBytes);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error(`${zip} is not a zip archive`);
  const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === entrySignature) {
    const nameBytes = directory.readUInt16LE(at + 28);
    if (directory.toString("utf8", at + 46, at + 46 + nameBytes) === member) {
      return {
        method: directory.readUInt16LE(at + 10),
        packedBytes: directory.readUInt32LE(at + 20),
        offset: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw new Error(`${zip} has no ${member} in it`);
}
