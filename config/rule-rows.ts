import { describe, expect, it } from "vitest";
import { ConfigError } from "./issue.ts";
import { parseConfig } from "./parse.ts";
import type { Rule } from "./rule.ts";
import { mergeOverlay } from "./stack-file.ts";

/** A rule at its border, as an overlay of `base`; `null` takes a key of it away. */
export interface Row {
  readonly rule: string;
  /** Just inside. */
  readonly passes: object;
  /** Just outside. */
  readonly fails: object;
  readonly message: string;
}

/** The name that messages begin with. */
export const source = "Pulumi.test.yaml";

/** The least that breaks no rule. */
export const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};

export const gateway = (values: object) => ({ collector: { gateway: values } });

export const balancer = (values: object) => ({ collector: { balancer: values } });

export const agent = (values: object) => ({ collector: { agent: values } });

export const sampler = (values: object) => ({ collector: { sampler: values } });

export const onVolumes = { kind: "volume", lokiBucket: null, tempoBucket: null };

/** Everything that is wrong with `base` and these changes, a message each. */
export function issuesOf(overrides: object): string[] {
  try {
    parseConfig(source, mergeOverlay(base, overrides));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

/** Tests that each rule passes just inside its border and says what is wrong just outside, and that none lacks a row. */
export function testRules(rules: readonly Rule[], rows: readonly Row[]): void {
  describe("each rule passes just inside its border and says what is wrong just outside", () => {
    it.each(rows)("$rule", ({ passes, fails, message }) => {
      expect(issuesOf(passes)).toEqual([]);
      expect(issuesOf(fails)).toContain(`${source}: ${message}`);
    });
  });

  it("has a row for every rule", () => {
    const tested = new Set(rows.map(({ rule }) => rule));
    expect(rules.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
  });
}
