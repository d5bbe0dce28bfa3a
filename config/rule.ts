import type { ConfigIssue } from "./issue.ts";
import { schemaKeys } from "./schema-keys.ts";
import { valueAt } from "./setting-path.ts";
import type { Settings } from "./settings.ts";

/** The settings as rules look at them: by path, and knowing what the user wrote. */
export interface Facts {
  readonly settings: Settings;
  /** A number by its path. */
  readonly number: (path: string) => number;
  /** A value as a message shows it: `16`, or `16 (default)` or `16 (derived)` when the user did not write it. */
  readonly shown: (path: string) => string;
}

/** One thing that must hold between several keys. */
export interface Rule {
  readonly name: string;
  /** What goes wrong without it. */
  readonly why: string;
  readonly check: (facts: Facts) => ConfigIssue[];
}

/** `written` is what the user wrote under `platform`, before defaults. */
export function factsOf(settings: Settings, written: unknown): Facts {
  return {
    settings,
    number: (path) => {
      const value = valueAt(settings, path);
      if (typeof value === "number") return value;
      throw new Error(`no setting ${path} holds a number`);
    },
    shown: (path) => {
      const value = String(valueAt(settings, path));
      if (valueAt(written, path) !== undefined) return value;
      const derived = settings.sizing.some((one) => one.path === path) || !hasDefault(path);
      return `${value} (${derived ? "derived" : "default"})`;
    },
  };
}

function hasDefault(path: string): boolean {
  return schemaKeys().some((key) => key.path === path && key.node.default !== undefined);
}

/** A rule that one number is at most another (or, `strictly`, below it). */
export function ordered(rule: {
  readonly name: string;
  readonly why: string;
  readonly lower: string;
  readonly upper: string;
  readonly strictly?: boolean;
}): Rule {
  const { name, why, lower, upper, strictly = false } = rule;
  return {
    name,
    why,
    check: ({ number, shown }) => {
      const [low, high] = [number(lower), number(upper)];
      if (strictly ? low < high : low <= high) return [];
      const other = relativeTo(upper, lower);
      const issue: ConfigIssue = {
        path: upper,
        problem: `is ${shown(upper)}, ${strictly ? "not above" : "below"} ${other} ${shown(lower)}`,
        fix: strictly
          ? `raise it above ${low}, or lower ${other} below ${high}`
          : `raise it to ${low} or more, or lower ${other} to ${high} or less`,
      };
      return [issue];
    },
  };
}

/** `path` as it is said beside `besides`: from the last object that both are in. */
export function relativeTo(besides: string, path: string): string {
  const ours = besides.split(".");
  const steps = path.split(".");
  const shared = steps.findIndex((step, index) => step !== ours[index]);
  return steps.slice(shared > 1 ? shared - 1 : 0).join(".");
}
