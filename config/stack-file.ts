import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { CORE_SCHEMA, load, YAMLException } from "js-yaml";
import { ConfigError, type ConfigIssue } from "./issue.ts";
import { platformKey, stackKeyIssues } from "./stack-keys.ts";

/** The file of a stack's configuration; throws a `ConfigError` for a name that Pulumi takes for none. */
export function stackFile(stack: string): string {
  if (/^[A-Za-z0-9._-]{1,100}$/.test(stack)) return `Pulumi.${stack}.yaml`;
  const problem = `${JSON.stringify(stack)} is no name of a stack`;
  const fix = "name it by letters, digits, dots, dashes and underscores, such as dev";
  throw new ConfigError("Pulumi.<stack>.yaml", [{ path: "", problem, fix }]);
}

/**
 * What stands under `sightline:platform` in `Pulumi.<stack>.yaml`, unchecked: for `parseConfig`. Throws a `ConfigError`
 * when the file is missing, is no YAML, lacks the key, or has keys that nothing would read.
 */
export function readStackConfig(path: string): unknown {
  const source = basename(path);
  const config = configOf(source, parseYaml(source, readText(path, source)));
  const issues = stackKeyIssues(Object.keys(config), (key) => isEncrypted(config[key]));
  // A misspelt `platform` is one mistake, not an unknown key and a missing one.
  if (!(platformKey in config) && issues.length === 0) issues.push(missingPlatform(config));
  if (issues.length > 0) throw new ConfigError(source, issues);
  return config[platformKey];
}

/**
 * `overlay` laid over `base`: mappings are merged, everything else of the overlay takes the base's place, and an empty
 * (null) value takes the key away, so that its default applies. Neither is changed.
 */
export function mergeOverlay(base: unknown, overlay: unknown): unknown {
  if (overlay === undefined) return base;
  if (!isMapping(base) || !isMapping(overlay)) return structuredClone(overlay);
  const merged: Record<string, unknown> = structuredClone(base);
  for (const [key, value] of Object.entries(overlay)) {
    const below = merged[key];
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergeOverlay(isMapping(value) && !isMapping(below) ? {} : below, value);
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whole, or each of its parts, as `pulumi config set --secret --path` stores them. */
function isEncrypted(value: unknown): boolean {
  if (!isMapping(value)) return false;
  if (typeof value.secure === "string") return true;
  const parts = Object.values(value);
  return parts.length > 0 && parts.every(isEncrypted);
}

function readText(path: string, source: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT") {
      const fix = `make ${path} a file that can be read`;
      const problem = `cannot be read (${code ?? String(cause)})`;
      throw new ConfigError(source, [{ path: "", problem, fix }]);
    }
    const stacks = stacksIn(dirname(path));
    const others = stacks.length === 0 ? "" : `, or name one of: ${stacks.join(", ")}`;
    const fix = `copy Pulumi.dev.yaml or Pulumi.prod.yaml to ${path} and change it${others}`;
    throw new ConfigError(source, [{ path: "", problem: "does not exist", fix }]);
  }
}

function stacksIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1]);
    return names.filter((name) => name !== undefined).sort();
  } catch {
    return [];
  }
}

function parseYaml(source: string, text: string): unknown {
  try {
    // The core schema reads numbers, booleans and text as Pulumi does; a date stays text.
    return load(text, { schema: CORE_SCHEMA });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    // Of what is wrong with the whole file, such as a second document, no mark says where.
    const mark = cause.mark as typeof cause.mark | undefined;
    const where = mark === undefined ? "" : `line ${mark.line + 1}, column ${mark.column + 1}: `;
    const problem = `${where}${cause.reason}`;
    throw new ConfigError(source, [{ path: "", problem, fix: "correct the YAML there" }]);
  }
}

function configOf(source: string, file: unknown): Record<string, unknown> {
  const config = isMapping(file) ? file.config : undefined;
  if (isMapping(config)) return config;
  const fix = `write \`config: { "${platformKey}": … }\`, as Pulumi.dev.yaml does`;
  throw new ConfigError(source, [{ path: "config", problem: "is missing", fix }]);
}

function missingPlatform(config: Record<string, unknown>): ConfigIssue {
  const start = `${platformKey}: { environment: <environment>, cluster: { name: <name> } }`;
  const fix = `under config write \`${start}\`${hintOf(config)}`;
  return { path: platformKey, problem: "is missing", fix };
}

function hintOf(config: Record<string, unknown>): string {
  return "platform" in config ? ` (it stands there as platform, without the project's name)` : "";
}
