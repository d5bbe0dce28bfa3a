import { outsideOtlpHttp } from "../config/endpoints.ts";
import { outsidePaths } from "../config/outside.ts";
import type { Settings } from "../config/settings.ts";

/**
 * The output section for a Fluent Bit that is there already and needs no agent beside it. Its own buffer bridges outages:
 * that of the agent is on disk and larger.
 */
export function fluentBitOutput(settings: Settings): string {
  const { hostname, port } = new URL(outsideOtlpHttp(settings));
  const isOwn = settings.collector.gateway.public.tlsSecret === undefined;
  const lines: readonly (readonly [string, string])[] = [
    ["name", "opentelemetry"],
    ["match", "*"],
    ["host", hostname],
    ["port", port === "" ? "443" : port],
    ["logs_uri", "/v1/logs"],
    ["metrics_uri", "/v1/metrics"],
    ["traces_uri", "/v1/traces"],
    ["header", "authorization Bearer ${SIGHTLINE_TOKEN}"],
    // Without it, the field that is the body would stand alone, and all others be lost.
    ["logs_body_key_attributes", "true"],
    ["compress", "gzip"],
    ["tls", "on"],
    ["tls.verify", "on"],
    ...(isOwn ? ([["tls.ca_file", outsidePaths.authority]] as const) : []),
    // Until it is taken; what is kept meanwhile is bounded by size.
    ["retry_limit", "no_limits"],
    ["storage.total_limit_size", "1G"],
  ];
  const width = Math.max(...lines.map(([key]) => key.length));
  const written = lines.map(([key, value]) => `    ${key.padEnd(width)}  ${value}`);
  return `${["[OUTPUT]", ...written].join("\n")}\n`;
}
