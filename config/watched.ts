/** A place in the settings, step by step. */
export type Steps = readonly string[];

/** `value`, and whoever reads from it tells `note` what was read: a leaf, or `whole` an object's keys. */
export function watched<T>(
  value: T,
  note: (steps: Steps, whole: boolean) => void,
  at: Steps = [],
): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      // Methods, such as a list's own, read what they need through here.
      if (typeof key === "symbol" || typeof found === "function") return found;
      const steps = [...at, key];
      if (typeof found !== "object" || found === null) note(steps, false);
      return watched(found, note, steps);
    },
    has(target, key) {
      if (typeof key !== "symbol") note([...at, key], false);
      return Reflect.has(target, key);
    },
    ownKeys(target) {
      note(at, true);
      return Reflect.ownKeys(target);
    },
  });
}
