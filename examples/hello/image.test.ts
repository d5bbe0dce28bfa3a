import { expect, test } from "vitest";
import { hello } from "../../config/examples.ts";
import { helloImageReference, helloInputs, referenceOf } from "./image.ts";

const inputs = { "package.json": '{"version":"1.2.3"}', "src/server.js": "a" };

test("the tag says the version and changes with any input, whatever their order", () => {
  const reference = referenceOf(inputs);
  expect(reference).toMatch(/^sightline\/hello:1\.2\.3-[0-9a-f]{16}$/);
  expect(referenceOf(Object.fromEntries(Object.entries(inputs).reverse()))).toBe(reference);
  expect(referenceOf({ ...inputs, "src/server.js": "b" })).not.toBe(reference);
  expect(referenceOf({ ...inputs, "src/more.js": "" })).not.toBe(reference);
});

test("a registry stands before the name", () => {
  expect(referenceOf(inputs, "mirror.local:5000/x")).toBe(
    `mirror.local:5000/x/${referenceOf(inputs)}`,
  );
});

test("the tag of this checkout is a valid one", () => {
  const [, tag = ""] = helloImageReference().split(":");
  expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/);
});

test("all that the Dockerfile copies is an input", () => {
  const files = Object.keys(helloInputs());
  const copied = [...(helloInputs()["Dockerfile"] ?? "").matchAll(/^COPY (?!--)(.+) \S+$/gm)]
    .flatMap(([, sources = ""]) => sources.split(" "))
    .filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)));
  expect(copied).toEqual([]);
});

test("every dependency is pinned, with a checksum and without the host it came from", () => {
  const { dependencies } = JSON.parse(helloInputs()["package.json"] ?? "") as {
    dependencies: Record<string, string>;
  };
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const { packages } = JSON.parse(helloInputs()["package-lock.json"] ?? "") as {
    packages: Record<string, { integrity?: string; resolved?: string }>;
  };
  const locked = Object.entries(packages).filter(([path]) => path !== "");
  expect(locked.length).toBeGreaterThan(Object.keys(dependencies).length);
  for (const [path, { integrity, resolved }] of locked) {
    expect({ path, resolved, hashed: integrity?.startsWith("sha512-") }).toEqual({
      path,
      hashed: true,
    });
  }
});

test("the Dockerfile has the port and the user that pods are given", () => {
  const dockerfile = helloInputs()["Dockerfile"]?.split("\n");
  expect(dockerfile).toContain(`EXPOSE ${hello.port}`);
  expect(dockerfile).toContain(`USER ${hello.uid}:${hello.uid}`);
});
