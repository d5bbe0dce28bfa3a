import type { Processor } from "../model.ts";
import { attributes, literally, text, type OttlContext } from "./ottl.ts";

/** Where instrumentations and access loggers write a request's path, with or without its query. */
const pathKeys = ["url.path", "http.target", "http.route", "req.url", "url", "path"] as const;
const statusKeys = [
  "http.response.status_code",
  "http.status_code",
  "res.statusCode",
  "statusCode",
  "status",
] as const;

const errorSeverity = 17;

function pathPattern(paths: readonly string[]): string {
  return `(?:${paths.map(literally).join("|")})/?(?:\\?[^ ]*)?`;
}

/** A request as access logs write it, answered well. */
function accessLine(paths: readonly string[]): string {
  return `(?:GET|HEAD) ${pathPattern(paths)}(?: HTTP/[0-9.]+)?"? [23][0-9][0-9]\\b`;
}

function askedWell(context: OttlContext, paths: readonly string[]): string {
  const pattern = text(`^${pathPattern(paths)}$`);
  const asked = pathKeys.map((key) => {
    const path = attributes(context, key);
    return `(${path} != nil and IsMatch(${path}, ${pattern}))`;
  });
  const answeredWell = statusKeys.map((key) => {
    const status = attributes(context, key);
    return `(${status} == nil or Int(${status}) < 400)`;
  });
  return `(${asked.join(" or ")}) and ${answeredWell.join(" and ")}`;
}

function noisyLog(paths: readonly string[]): string {
  const line = accessLine(paths);
  // The literal beginning of the first test makes it cheap; most logs end there.
  const byLine = `IsString(log.body) and IsMatch(log.body, ${text(` ${pathPattern(paths)}`)}) and IsMatch(log.body, ${text(line)})`;
  return `log.severity_number < ${errorSeverity} and ((${askedWell("log", paths)}) or (${byLine}))`;
}

function noisySpan(paths: readonly string[]): string {
  return `(span.kind == SPAN_KIND_SERVER or span.kind == SPAN_KIND_CLIENT) and span.status.code != STATUS_CODE_ERROR and ${askedWell("span", paths)}`;
}

/** Drops successful health checks and scrapes, never an error. The collector counts what it drops. */
export function withoutNoise(signal: "logs" | "traces", paths: readonly string[]): Processor {
  return {
    kind: "processor",
    name: "filter",
    purpose: `noise-${signal}`,
    config: {
      error_mode: "silent",
      ...(signal === "logs"
        ? { log_conditions: [noisyLog(paths)] }
        : { trace_conditions: [noisySpan(paths)] }),
    },
  };
}
