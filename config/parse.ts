import { Ajv } from "ajv";
import { ConfigError } from "./issue.ts";
import { schemaIssues } from "./messages.ts";
import { ruleIssuesDespite } from "./rules-despite.ts";
import { ruleIssues } from "./rules.ts";
import { platformSchema, type PlatformConfig } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { resolveSizing } from "./sizing.ts";

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: true,
  // Messages need the value and the schema around each error.
  verbose: true,
});

const matchesSchema = ajv.compile<PlatformConfig>(platformSchema);

/**
 * Turns what a user wrote under `platform` into settings, or throws one `ConfigError` with everything that is wrong.
 * `source` is the name that the errors begin with: `Pulumi.prod.yaml`. The value itself is left as it is.
 */
export function parseConfig(source: string, value: unknown): Settings {
  if (value === undefined || value === null) {
    const fix =
      "under config write `sightline:platform: { environment: <environment>, cluster: { name: <name> } }`";
    throw new ConfigError(source, [{ path: "platform", problem: "is missing", fix }]);
  }
  const config: unknown = structuredClone(value);
  if (!matchesSchema(config)) {
    const errors = matchesSchema.errors ?? [];
    const malformed = schemaIssues(source, errors);
    const validate = (changed: unknown) =>
      matchesSchema(changed) ? [] : (matchesSchema.errors ?? []);
    throw new ConfigError(source, [
      ...malformed,
      ...ruleIssuesDespite(config, value, errors, validate),
    ]);
  }
  const settings = resolveSizing(config, value);
  const issues = ruleIssues(settings, value);
  if (issues.length > 0) throw new ConfigError(source, issues);
  return deepFreeze(settings);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
