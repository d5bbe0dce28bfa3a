/** The value at a path such as `platform.loki.replicas`, or nothing. */
export function valueAt(platform: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>(
    (value, step) => (isMapping(value) ? value[step] : undefined),
    platform,
  );
}

/** A copy with another value at a path. The objects on the way are there: each has a default. */
export function withValueAt<T>(platform: T, path: string, value: unknown): T {
  const copy = structuredClone(platform);
  const steps = stepsOf(path);
  const parent = valueAt(copy, ["platform", ...steps.slice(0, -1)].join("."));
  const last = steps.at(-1);
  if (!isMapping(parent) || last === undefined) throw new Error(`there is nothing at ${path}`);
  parent[last] = value;
  return copy;
}

function stepsOf(path: string): string[] {
  return path.split(".").slice(1);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
