import { request } from "node:https";

export interface IngestTarget {
  readonly port: number;
  /** Name that the certificate must be valid for. */
  readonly serverName: string;
  readonly authority: string;
}

/** Posts OTLP JSON to a forwarded port as a sender outside the cluster would: TLS checked against the authority. */
export function postOtlp(
  target: IngestTarget,
  path: "/v1/logs" | "/v1/traces",
  body: unknown,
  token?: string,
): Promise<number> {
  const { port, serverName, authority } = target;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        servername: serverName,
        ca: authority,
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (response) => {
        response.resume();
        response.once("end", () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    sent.once("error", reject);
    sent.setTimeout(10_000, () => sent.destroy(new Error("no answer within 10 s")));
    sent.end(JSON.stringify(body));
  });
}

const nowNanos = () => String(BigInt(Date.now()) * 1_000_000n);
const resource = {
  attributes: [{ key: "service.name", value: { stringValue: "outside-sender" } }],
};

/** One log record inside a trace. */
export function logRequest(traceId: string, text: string): unknown {
  const record = {
    timeUnixNano: nowNanos(),
    severityNumber: 9,
    severityText: "INFO",
    body: { stringValue: text },
    traceId,
    spanId: traceId.slice(0, 16),
  };
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] };
}

/** One root span that failed, so that every sampling keeps it. */
export function failedSpanRequest(traceId: string): unknown {
  const span = {
    traceId,
    spanId: traceId.slice(0, 16),
    name: "outside-work",
    kind: 2,
    startTimeUnixNano: nowNanos(),
    endTimeUnixNano: nowNanos(),
    status: { code: 2 },
  };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
}
