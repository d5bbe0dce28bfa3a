import type { ErrorObject } from "ajv";
import type { ConfigIssue } from "./issue.ts";
import { removeMalformed, valueAt } from "./malformed.ts";
import { factsOf } from "./rule.ts";
import { rules } from "./rules.ts";
import type { PlatformConfig } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { resolveSizing } from "./sizing.ts";
import { watched, type Steps } from "./watched.ts";
import { derivations } from "./workload.ts";

/** Taking out what is malformed can bring up what was behind it; it never takes more rounds than keys are nested. */
const mostRounds = 10;

/**
 * What the rules have to say of a configuration that is malformed in places, so that the rest of it is told with them.
 * `config` gets defaults there; a rule that looks at such a place is silent, since it would speak of what nobody wrote.
 * `validate` fills in defaults and gives what is still wrong.
 */
export function ruleIssuesDespite(
  config: unknown,
  written: unknown,
  errors: readonly ErrorObject[],
  validate: (config: unknown) => readonly ErrorObject[],
): ConfigIssue[] {
  const doubtful: Steps[] = [];
  let left = errors;
  for (let round = 0; left.length > 0 && round < mostRounds; round += 1) {
    doubtful.push(...removeMalformed(config, left));
    left = validate(config);
    // What is missing stays so, and is in doubt already or from the last look on.
    if (left.every(({ keyword }) => keyword === "required")) {
      doubtful.push(...removeMalformed(config, left));
      break;
    }
  }
  doubtful.push(...followersOf(config, doubtful, written));
  const settings = sized(config, written);
  if (settings === undefined) return [];
  return rules.flatMap((rule) => {
    const inDoubt: Steps[] = [];
    const seen = watched(settings, (steps, whole) => {
      // What was derived follows from what may be in doubt.
      const isDerived = valueAt(config, steps) !== valueAt(settings, steps);
      if (isDerived || doubtful.some((place) => meets(place, steps, whole))) inDoubt.push(steps);
    });
    try {
      const issues = rule.check(factsOf(seen, written));
      return inDoubt.length > 0 ? [] : issues;
    } catch {
      // It met what is missing. It has its say once that is there.
      return [];
    }
  });
}

/** Where a workload is given, or should have been, whatever is not written might follow from what is in doubt. */
function followersOf(config: unknown, doubtful: readonly Steps[], written: unknown): Steps[] {
  const workload = ["workload"];
  const isGiven = valueAt(config, workload) !== undefined;
  if (!isGiven && !doubtful.some((place) => meets(place, workload, true))) return [];
  const places = derivations.map(({ path }) => path.split(".").slice(1));
  return places.filter((steps) => typeof valueAt(written, steps) !== "number");
}

/** Sizing may need what is not there. */
function sized(config: unknown, written: unknown): Settings | undefined {
  try {
    // It holds what the schema asks for but where it is in doubt.
    return resolveSizing(config as PlatformConfig, written);
  } catch {
    return undefined;
  }
}

/** Whether reading at `steps` (or, if `whole`, asking for all keys there) meets the place. */
function meets(place: Steps, steps: Steps, whole: boolean): boolean {
  return isWithin(steps, place) || (whole && isWithin(place, steps));
}

function isWithin(inner: Steps, outer: Steps): boolean {
  return outer.every((step, index) => inner[index] === step);
}
