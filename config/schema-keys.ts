import { platformSchema } from "./schema.ts";

/** The part of JSON Schema that the platform's schema is written in. */
export interface SchemaNode {
  readonly type: "object" | "array" | "string" | "integer" | "boolean";
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | SchemaNode;
  readonly propertyNames?: SchemaNode;
}

/** One key of the configuration, by its whole path. */
export interface SchemaKey {
  readonly path: string;
  readonly node: SchemaNode;
  /** Whether the object around it must have it. */
  readonly required: boolean;
}

export const schemaRoot: SchemaNode = platformSchema;

/** Stands in a path for a name that the user gives. */
const givenName = "NAME";

/** Every key of the configuration, objects too, in the schema's order. Entries of a list are at `list[]`. */
export function schemaKeys(): SchemaKey[] {
  return keysUnder("platform", schemaRoot);
}

function keysUnder(parent: string, node: SchemaNode): SchemaKey[] {
  return childrenOf(node).flatMap(([name, child]) => {
    const path = `${parent}.${name}`;
    const required = node.required?.includes(name) ?? false;
    return [{ path, node: child, required }, ...keysUnder(path, child), ...entries(path, child)];
  });
}

function entries(path: string, { items }: SchemaNode): SchemaKey[] {
  if (items?.properties === undefined) return [];
  const entry = `${path}[]`;
  return [{ path: entry, node: items, required: true }, ...keysUnder(entry, items)];
}

function childrenOf({ properties = {}, additionalProperties }: SchemaNode): [string, SchemaNode][] {
  const named = Object.entries(properties);
  if (typeof additionalProperties !== "object") return named;
  // A mapping of text to text has no keys of its own to speak of.
  return additionalProperties.properties === undefined
    ? named
    : [...named, [givenName, additionalProperties]];
}
