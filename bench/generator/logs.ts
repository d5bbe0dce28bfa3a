import { counterDigits, idPrefix, type Writer } from "./ids.ts";
import { encodeLogs, textAttributes } from "./protocol.ts";
import type { Requests } from "./requests.ts";
import { bytesMark, findMarks, numberMark, writeDigits, writeTime } from "./template.ts";

/** `plain` needs no work but redaction's look; `json` is what a structured logger writes, with a secret in it. */
export type LogKind = "plain" | "json";

export interface LogsArgs {
  readonly writer: Writer;
  readonly service: string;
  readonly records: number;
  readonly kind?: LogKind;
  /** Length of the text of a plain record. */
  readonly bodyBytes?: number;
  readonly resource?: Readonly<Record<string, string>>;
}

const info = 9;
const defaultBodyBytes = 130;

const attributes = textAttributes({
  "http.request.method": "POST",
  "http.route": "/orders/{id}",
  "app.user.tier": "gold",
});

function bodyOf(kind: LogKind, id: string, bytes: number): string {
  if (kind === "plain") return `order ${id} accepted `.padEnd(bytes, "by the warehouse ");
  return JSON.stringify({
    level: 30,
    msg: `order ${id} accepted`,
    request: { method: "POST", url: "/orders", headers: { authorization: "Bearer abcdef" } },
    user: { id: "u-4711", password: "hunter2" },
    durationMs: 12,
  });
}

/** Requests of log records, each with its writer's next id in the body. */
export function logRequests(args: LogsArgs): Requests {
  const { writer, service, records, kind = "plain", bodyBytes = defaultBodyBytes } = args;
  const indices = Array.from({ length: records }, (_, index) => index);
  const digits = indices.map((index) => bytesMark(0, index, counterDigits));
  const times = indices.map((index) => numberMark(1, index));
  const encoded = encodeLogs({
    resourceLogs: [
      {
        resource: { attributes: textAttributes({ "service.name": service, ...args.resource }) },
        scopeLogs: [
          {
            logRecords: indices.map((index) => ({
              timeUnixNano: times[index] ?? numberMark(1, index),
              severityNumber: info,
              severityText: "INFO",
              body: {
                stringValue: bodyOf(
                  kind,
                  idPrefix(writer) + (digits[index]?.toString("latin1") ?? ""),
                  bodyBytes,
                ),
              },
              attributes,
            })),
          },
        ],
      },
    ],
  });
  const idsAt = Uint32Array.from(findMarks(encoded, digits));
  const timesAt = Uint32Array.from(findMarks(encoded, times));
  return {
    signal: "logs",
    records,
    encode: (request, atMs) => {
      const bytes = Buffer.from(encoded);
      const first = request * records;
      idsAt.forEach((at, index) => {
        writeDigits(bytes, at, counterDigits, first + index);
      });
      timesAt.forEach((at, index) => {
        writeTime(bytes, at, atMs, index);
      });
      return bytes;
    },
  };
}
