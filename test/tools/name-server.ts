import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A name server of one name: it answers every question for IPv4 addresses with the addresses that it has now. */
export interface NameServer extends AsyncDisposable {
  readonly address: string;
  addresses: readonly string[];
}

const headerBytes = 12;
const typeA = 1;

export async function runNameServer(host: string): Promise<NameServer> {
  const socket = createSocket("udp4");
  socket.bind(0, host);
  await once(socket, "listening");
  const server: NameServer = {
    address: `${host}:${socket.address().port}`,
    addresses: [],
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, "close");
    },
  };
  socket.on("message", (question, { address, port }) => {
    socket.send(answer(question, server.addresses), port, address);
  });
  return server;
}

function answer(question: Buffer, addresses: readonly string[]): Buffer {
  let end = headerBytes;
  while (question[end] !== 0) end += (question[end] ?? 0) + 1;
  const asked = question.subarray(headerBytes, end + 5);
  const found = question.readUInt16BE(end + 1) === typeA ? addresses : [];
  const header = Buffer.alloc(headerBytes);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  const records = found.map((address) =>
    // A pointer to the name that was asked for, type A, class IN, 5 s, four bytes.
    Buffer.from([
      0xc0,
      headerBytes,
      0,
      1,
      0,
      1,
      0,
      0,
      0,
      5,
      0,
      4,
      ...address.split(".").map(Number),
    ]),
  );
  return Buffer.concat([header, asked, ...records]);
}
