import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderError, writeRenderedFolder } from "./rendered-folder.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rendered-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const files = (...paths: string[]) => new Map(paths.map((path) => [path, `of ${path}\n`]));
const found = () => readdirSync(folder, { recursive: true }).map(String).sort();

test("writes each file, and a list of them", () => {
  writeRenderedFolder(folder, files("manifests/b.yaml", "config/a/x.ini"));
  expect(readFileSync(join(folder, "manifests/b.yaml"), "utf8")).toBe("of manifests/b.yaml\n");
  expect(readFileSync(join(folder, "rendered-files.txt"), "utf8")).toBe(
    "config/a/x.ini\nmanifests/b.yaml\n",
  );
});

test("makes a folder that is not there", () => {
  const deep = join(folder, "not", "there");
  writeRenderedFolder(deep, files("a.yaml"));
  expect(readdirSync(deep).sort()).toEqual(["a.yaml", "rendered-files.txt"]);
});

test("removes what is no longer rendered, and nothing that somebody else put there", () => {
  writeRenderedFolder(folder, files("manifests/old.yaml", "manifests/kept.yaml"));
  writeFileSync(join(folder, "manifests/notes.md"), "mine");
  writeRenderedFolder(folder, files("manifests/kept.yaml"));
  expect(found()).toEqual([
    "manifests",
    "manifests/kept.yaml",
    "manifests/notes.md",
    "rendered-files.txt",
  ]);
});

test("refuses a folder that holds anything else, and leaves it as it is", () => {
  writeFileSync(join(folder, "thesis.txt"), "three years");
  expect(() => {
    writeRenderedFolder(folder, files("a.yaml"));
  }).toThrow(
    `${folder} has files that were not rendered into it. Fix: name a folder that is new or empty`,
  );
  expect(found()).toEqual(["thesis.txt"]);
});

test("refuses what is no folder, by its name", () => {
  const file = join(folder, "file");
  writeFileSync(file, "mine");
  for (const place of [file, join(file, "below")]) {
    expect(() => {
      writeRenderedFolder(place, files("a.yaml"));
    }).toThrow(
      new FolderError(
        `${place} cannot be written to (ENOTDIR). Fix: name a folder that can be written to, with room for a few megabytes`,
      ),
    );
  }
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test.each(["../outside.yaml", "/outside.yaml", "manifests/../../outside.yaml"])(
  "does not follow a list that was changed to name %s",
  (stray) => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    writeFileSync(join(folder, "outside.yaml"), "mine");
    writeFileSync(join(inner, "rendered-files.txt"), `${stray}\n`);
    expect(() => {
      writeRenderedFolder(inner, files("a.yaml"));
    }).toThrow(
      `${join(inner, "rendered-files.txt")} names ${stray}, which is not in the folder. Fix: remove ${inner} and render again`,
    );
    expect(readFileSync(join(folder, "outside.yaml"), "utf8")).toBe("mine");
  },
);

test("a run that was killed before it wrote its files is taken up by the next", () => {
  writeRenderedFolder(folder, files("a.yaml", "b.yaml"));
  rmSync(join(folder, "b.yaml"));
  writeRenderedFolder(folder, files("c.yaml"));
  expect(found()).toEqual(["c.yaml", "rendered-files.txt"]);
});
