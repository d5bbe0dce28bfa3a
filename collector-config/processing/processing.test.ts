import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attributeAliases, attributeNames } from "../../config/attribute-names.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { cleaning } from "./cleaning.ts";
import { leaks } from "./leaks.ts";
import { nearMisses } from "./near-misses.ts";
import { pinoLevels, severityOfLevel } from "./severity.ts";
import { harmlessKeys, secretMarks, secretWords } from "./secret-keys.ts";

function cleaningOf(processing: object) {
  const written = readStackConfig(join(import.meta.dirname, "..", "..", "Pulumi.prod.yaml"));
  return cleaning(parseConfig("prod", mergeOverlay(written, { collector: { processing } })));
}

const names = (list: readonly { name: string; purpose: string }[]) =>
  list.map(({ name, purpose }) => `${name}/${purpose}`);

describe("cleaning", () => {
  it("drops before it looks for secrets, and cuts last", () => {
    const { logs, traces, metrics } = cleaningOf({});
    expect(names(logs)).toEqual([
      "transform/log-schema",
      "filter/noise-logs",
      "transform/log-secrets",
      "transform/log-limits",
    ]);
    expect(names(traces)).toEqual([
      "transform/span-schema",
      "filter/noise-traces",
      "transform/span-secrets",
      "transform/span-limits",
    ]);
    expect(names(metrics)).toEqual([
      "transform/metric-secrets",
      "transform/metric-limits",
      "filter/series",
    ]);
  });

  it("has no filter for noise without a path", () => {
    const { logs, traces } = cleaningOf({ noise: { paths: [] } });
    expect(names([...logs, ...traces]).join()).not.toContain("noise");
  });

  it("leaves JSON lines whole where that is asked for", () => {
    expect(JSON.stringify(cleaningOf({}).logs)).toContain("ParseJSON(log.body)");
    expect(JSON.stringify(cleaningOf({ unpackJson: false }).logs)).not.toContain(
      "ParseJSON(log.body)",
    );
  });
});

describe("secret names", () => {
  const secret = new RegExp(`(?:${secretWords})$`, "i");
  const keysOf = (list: readonly { readonly key?: string }[]) =>
    list.flatMap(({ key }) => (key === undefined ? [] : [key]));
  // Go's end of a class is JavaScript's, and both know \x1f.
  const marks = secretMarks.map((mark) => new RegExp(mark));

  it.each(keysOf(leaks.filter(({ place }) => place === "attribute" || place === "number")))(
    "%s is looked at if it is one",
    (key) => {
      if (!secret.test(key)) return;
      expect(marks.some((mark) => mark.test(`\x1e${key}\x1fvalue`))).toBe(true);
    },
  );

  it.each(keysOf(nearMisses))("%s is none", (key) => {
    const harmless: readonly string[] = harmlessKeys;
    expect(secret.test(key) && !harmless.includes(key)).toBe(false);
  });

  it("have a corpus of sixty and more of each", () => {
    expect(leaks.length).toBeGreaterThanOrEqual(60);
    expect(nearMisses.length).toBeGreaterThanOrEqual(60);
  });
});

it("folds each spelling into one name only, and no name into another", () => {
  const spellings = Object.values(attributeAliases).flat();
  const own: readonly string[] = Object.values(attributeNames);
  expect(new Set(spellings).size).toBe(spellings.length);
  expect(spellings.filter((spelling) => own.includes(spelling))).toEqual([]);
});

it("knows a severity for every level of pino", () => {
  expect(pinoLevels.filter(({ name }) => severityOfLevel[name] === undefined)).toEqual([]);
});
