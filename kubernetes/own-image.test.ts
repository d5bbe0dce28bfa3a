import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hello } from "../config/examples.ts";
import { ports } from "../config/ports.ts";
import { images } from "../config/versions.ts";
import { drainImage } from "../drain/image.ts";
import { helloImage } from "../examples/hello/image.ts";
import { ownImageReference } from "./own-image.ts";

const inputs = { "package.json": '{"version":"1.2.3"}', "src/server.js": "a" };
const referenceOf = (files: Record<string, string>, registry?: string) =>
  ownImageReference("sightline/program", files, registry);

test("the tag says the version and changes with any input, whatever their order", () => {
  const reference = referenceOf(inputs);
  expect(reference).toMatch(/^localhost\/sightline\/program:1\.2\.3-[0-9a-f]{16}$/);
  expect(referenceOf(Object.fromEntries(Object.entries(inputs).reverse()))).toBe(reference);
  expect(referenceOf({ ...inputs, "src/server.js": "b" })).not.toBe(reference);
  expect(referenceOf({ ...inputs, "src/more.js": "" })).not.toBe(reference);
});

test("a registry stands before the name; without one, no registry is asked for it", () => {
  const reference = referenceOf(inputs);
  expect(referenceOf(inputs, "mirror.local:5000/x")).toBe(
    reference.replace("localhost", "mirror.local:5000/x"),
  );
});

describe.each([
  ["hello", helloImage, hello],
  ["drain", drainImage, { port: ports.gateway.drain, uid: images.collector.uid }],
])("the image of %s", (_, image, { port, uid }) => {
  const dockerfile = image.inputs()["Dockerfile"] ?? "";

  test("has a valid tag", () => {
    const [, tag = ""] = image.reference().split(":");
    expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/);
  });

  test("is made from its inputs alone, and from all of them", () => {
    const files = Object.keys(image.inputs());
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources = ""]) =>
      sources.split(" "),
    );
    expect(copied.length).toBeGreaterThan(0);
    for (const path of copied) {
      expect(
        files.some((file) => file === path || file.startsWith(`${path}/`)),
        path,
      ).toBe(true);
    }
    const sources = readdirSync(join(image.directory, "src")).map((name) => `src/${name}`);
    expect(files).toEqual(expect.arrayContaining(sources));
    const ignored = readFileSync(join(image.directory, ".dockerignore"), "utf8").split("\n");
    for (const path of copied) expect(ignored).toContain(`!${path}`);
  });

  test("has the port and the user that pods are given", () => {
    expect(dockerfile.split("\n")).toContain(`EXPOSE ${port}`);
    expect(dockerfile.split("\n")).toContain(`USER ${uid}:${uid}`);
  });
});
