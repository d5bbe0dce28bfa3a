import type { ErrorObject } from "ajv";
import { didYouMean } from "./did-you-mean.ts";
import { schemaKeys, type SchemaNode } from "./schema-keys.ts";
import type { Steps } from "./watched.ts";

/**
 * Takes what is malformed out of `config`, so that its defaults can come in, and says which places are in doubt from
 * then on: what was taken out, what is missing, and wherever an unknown key may have been meant to stand.
 */
export function removeMalformed(config: unknown, errors: readonly ErrorObject[]): Steps[] {
  return errors.flatMap((error) => {
    const at = error.instancePath.split("/").slice(1).map(unescapePointer);
    const params = error.params as Record<string, unknown>;
    if (error.keyword === "required") return [[...at, String(params.missingProperty)]];
    if (error.keyword !== "additionalProperties") return [removeValue(config, at)];
    const key = String(params.additionalProperty);
    const value = valueAt(config, [...at, key]);
    removeValue(config, [...at, key]);
    return [
      [...at, key],
      ...meantPlaces(at, key, value, error.parentSchema as unknown as SchemaNode),
    ];
  });
}

export function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Takes out a value, or the whole list that it stands in: a shorter list would be another answer. */
function removeValue(config: unknown, at: Steps): Steps {
  const inList = at.findIndex((_, index) => Array.isArray(valueAt(config, at.slice(0, index))));
  const steps = inList < 0 ? at : at.slice(0, inList);
  const key = steps.at(-1);
  const parent = valueAt(config, steps.slice(0, -1));
  if (key !== undefined && typeof parent === "object" && parent !== null) {
    Reflect.deleteProperty(parent, key);
  }
  return steps;
}

/** What stands there, if anything. */
export function valueAt(config: unknown, steps: Steps): unknown {
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Record<string, unknown>)[step]
        : undefined,
    config,
  );
}

/** The similar key beside it, and every key anywhere that is called as it or as something inside of it. */
function meantPlaces(at: Steps, key: string, value: unknown, parent: SchemaNode): Steps[] {
  const near = didYouMean(key, Object.keys(parent.properties ?? {}));
  const names = new Set([key, ...keysWithin(value)]);
  const elsewhere = schemaKeys()
    .map(({ path }) => path.split(".").slice(1))
    .filter((steps) => names.has(steps.at(-1) ?? ""))
    .map(wholeList);
  return near === undefined ? elsewhere : [[...at, near], ...elsewhere];
}

/** The list itself for a key of its entries, as the schema spells those: `rules[]`. */
function wholeList(steps: Steps): Steps {
  const entry = steps.findIndex((step) => step.endsWith("[]"));
  if (entry < 0) return steps;
  return [...steps.slice(0, entry), steps[entry]?.replace("[]", "") ?? ""];
}

function keysWithin(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...keysWithin(child)]);
}
