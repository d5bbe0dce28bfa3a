import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { scratch, writeScript } from "./fixture.ts";
import { lookOnPath } from "./path-lookup.ts";

let root: ReturnType<typeof scratch>;
beforeEach(() => {
  root = scratch();
});
afterEach(() => {
  root.remove();
});

const tool = { name: "tool", package: ".", versionArgs: ["--version"] };

it("finds a binary under its other name", async () => {
  const path = writeScript(join(root.path, "tool-contrib"), "echo tool-contrib version 1.2.3");
  const found = await lookOnPath([{ ...tool, pathName: "tool-contrib" }], "1.2.3", root.path);
  expect(found).toEqual({ paths: { tool: path } });
});

it.each([
  ["that is not there", tool, "tool is not there"],
  ["that cannot be asked", { name: "tool", package: "." }, "tool cannot be asked its version"],
])("gives the reason for a binary %s", async (_title, binary, reason) => {
  expect(await lookOnPath([binary], "1.2.3", root.path)).toEqual({ reason });
});

it("refuses a program of the right version that would not start in an empty image", async () => {
  // Node itself is linked against the C library.
  const path = join(root.path, "tool");
  copyFileSync(process.execPath, path);
  const version = process.versions.node;
  expect(await lookOnPath([tool], version, root.path)).toEqual({
    reason: `${path} needs shared libraries`,
  });
});

it("says which version was found instead", async () => {
  const path = writeScript(join(root.path, "tool"), "echo 'tool, version 1.2.2 (go1.26.8)' >&2");
  expect(await lookOnPath([tool], "1.2.3", root.path)).toEqual({
    reason: `${path} is 1.2.2, not 1.2.3`,
  });
});
