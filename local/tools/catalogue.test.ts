import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { images } from "../../config/versions.ts";
import { catalogue, toolNames } from "./catalogue.ts";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../tools/${path}`, import.meta.url)), "utf8");

describe.each(catalogue.map((program) => [program.name, program] as const))(
  "%s",
  (name, program) => {
    it("is the version that its module pins", () => {
      if (program.module === undefined) return;
      expect(read(`${name}/go.mod`).replace(/^require /gm, "\t")).toContain(`\t${program.module}`);
    });

    it("has every binary's package in its module", () => {
      const goMod = read(`${name}/go.mod`);
      for (const { package: path } of program.binaries) {
        if (path === ".") expect(read(`${name}/main.go`)).toMatch(/^package main$/m);
        else expect(goMod.replace(/^tool /gm, "\t")).toContain(`\t${path}\n`);
      }
    });

    it("pins the checksum of all its modules", () => {
      const requirements = [...read(`${name}/go.mod`).matchAll(/^\t?(?:require )?(\S+ v\S+)/gm)];
      if (requirements.length === 0) return;
      const sums = read(`${name}/go.sum`);
      const { module } = program;
      expect(sums).toContain(`${module ?? ""} h1:`);
      expect(sums).toContain(`${module ?? ""}/go.mod h1:`);
    });

    it.each(["amd64", "arm64"] as const)("names its published files for %s", (architecture) => {
      const binaries = program.binaries.map((binary) => binary.name).sort();
      const files = program.release?.(architecture) ?? [];
      if (program.release === undefined) return;
      expect(files.flatMap(({ members }) => Object.keys(members)).sort()).toEqual(binaries);
      for (const { url, checksumsUrl } of files) {
        expect(url).toMatch(/^https:\/\//);
        expect(url).toContain(program.version);
        expect(checksumsUrl).toContain(program.version);
      }
    });
  },
);

it.each([
  ["collector", "otelcol"],
  ["loki", "loki"],
  ["tempo", "tempo"],
  ["prometheus", "prometheus"],
  ["alertmanager", "alertmanager"],
] as const)("the image %s, marked as proven, is what is built here", (image, name) => {
  const program = catalogue.find((candidate) => candidate.name === name);
  expect(images[image].proven).toBe(true);
  expect(images[image].tag.replace(/^v/, "")).toBe(program?.version);
});

it("names no binary twice", () => {
  expect(new Set(toolNames).size).toBe(toolNames.length);
});
