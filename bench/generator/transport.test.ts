import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { Sink } from "../loopback/sink.ts";
import { grpcTransport, httpTransport } from "./transport.ts";

const body = Buffer.from("request");

async function answerOverHttp(status: number) {
  await using sink = await Sink.start(() => undefined);
  if (status !== 200) sink.behaviour = { kind: "answers", status };
  const transport = httpTransport({ host: "127.0.0.1", port: Number(new URL(sink.url).port) });
  const answer = await transport.send("logs", body);
  transport.close();
  return answer;
}

test.each([
  [200, { kind: "taken", rejected: 0 }],
  [429, { kind: "refused", why: "HTTP 429" }],
  [503, { kind: "refused", why: "HTTP 503" }],
  [502, { kind: "failed", why: "HTTP 502" }],
  [400, { kind: "rejected", why: "HTTP 400" }],
  [413, { kind: "rejected", why: "HTTP 413" }],
])("HTTP %d", async (status, answer) => {
  expect(await answerOverHttp(status)).toEqual(answer);
});

/** A gRPC server that answers every call the same. */
async function answerOverGrpc(error: Partial<grpc.ServiceError> | undefined) {
  const server = new grpc.Server();
  const same = (bytes: Buffer) => bytes;
  const method = {
    path: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  let received = "";
  server.addService(
    { export: method },
    {
      export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: grpc.sendUnaryData<Buffer>) => {
        received = `${call.request.toString()} ${String(call.metadata.get("authorization")[0])}`;
        if (error === undefined) reply(null, Buffer.from([0x0a, 0x02, 0x08, 0x02]));
        else reply(error);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (failed, bound) => {
      if (failed === null) resolve(bound);
      else reject(failed);
    });
  });
  const transport = grpcTransport({ host: "127.0.0.1", port, token: "abc" });
  const answer = await transport.send("logs", body);
  transport.close();
  server.forceShutdown();
  return { answer, received };
}

test("gRPC: a taken request, its token, and what was rejected of it", async () => {
  expect(await answerOverGrpc(undefined)).toEqual({
    answer: { kind: "taken", rejected: 2 },
    received: "request Bearer abc",
  });
});

test.each([
  [grpc.status.UNAVAILABLE, "data refused due to high memory usage", "refused"],
  [grpc.status.RESOURCE_EXHAUSTED, "sending queue is full", "refused"],
  [grpc.status.UNAVAILABLE, "Connection dropped", "failed"],
  [grpc.status.INVALID_ARGUMENT, "no such thing", "rejected"],
  [grpc.status.UNAUTHENTICATED, "no token", "rejected"],
])("gRPC code %d with %s is %s", async (code, details, kind) => {
  expect((await answerOverGrpc({ code, details })).answer.kind).toBe(kind);
});

test("nobody there is a failure to be tried again, over both", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  for (const transport of [
    httpTransport({ host: "127.0.0.1", port }),
    grpcTransport({ host: "127.0.0.1", port }),
  ]) {
    expect((await transport.send("logs", body)).kind).toBe("failed");
    transport.close();
  }
});
