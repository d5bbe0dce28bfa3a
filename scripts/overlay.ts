import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CORE_SCHEMA, load } from "js-yaml";
import { ConfigError } from "../config/issue.ts";

/** What an overlay file lays over a stack's `platform`, unchecked: for `mergeOverlay`. */
export function readOverlay(path: string): Record<string, unknown> {
  const source = basename(path);
  const overlay = parsed(path, source);
  if (typeof overlay === "object" && overlay !== null && !Array.isArray(overlay)) {
    return overlay as Record<string, unknown>;
  }
  const fix = "write keys of `platform` at the top level, such as `loki: { replicas: 1 }`";
  throw new ConfigError(source, [{ path: "", problem: "is not a mapping", fix }]);
}

function parsed(path: string, source: string): unknown {
  try {
    return load(readFileSync(path, "utf8"), { schema: CORE_SCHEMA });
  } catch (cause) {
    const problem = `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ConfigError(source, [{ path: "", problem, fix: `make ${path} a YAML file` }]);
  }
}
