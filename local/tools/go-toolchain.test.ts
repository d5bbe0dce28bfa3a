import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scratch, writeScript } from "./fixture.ts";
import { compareVersions, findGo, requiredGo } from "./go-toolchain.ts";

let root: ReturnType<typeof scratch>;
beforeEach(() => {
  root = scratch();
});
afterEach(() => {
  root.remove();
});

describe("compareVersions", () => {
  it.each([
    ["1.26.5", "1.26.5", 0],
    ["1.9.9", "1.26.0", -1],
    ["1.26.10", "1.26.9", 1],
    ["1.26", "1.26.1", -1],
    ["1.26", "1.26.0", 0],
  ])("%s against %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});

function fakeGo(version: string, toolchain: string): NodeJS.ProcessEnv {
  const answer = `if [ "$2" = GOVERSION ]; then echo ${version}; else echo "${toolchain}"; fi`;
  writeScript(join(root.path, "go"), answer);
  return { PATH: root.path };
}

describe("findGo", () => {
  it.each([
    ["new enough", "go1.26.8", "local"],
    ["older, but able to fetch", "go1.22.0", "auto"],
  ])("takes a Go that is %s", async (_title, version, toolchain) => {
    const go = await findGo("1.26.5", fakeGo(version, toolchain));
    expect(go).toBe(join(root.path, "go"));
  });

  it.each([
    [
      "older and told to stay local",
      "go1.22.0",
      "local",
      /is Go 1\.22\.0, and 1\.26\.5 or newer is needed\. Fix: install Go .*, or let it fetch the newer one: go env -w GOTOOLCHAIN=auto/,
    ],
    [
      "too old to fetch",
      "go1.19.8",
      "",
      /is Go 1\.19\.8, and 1\.26\.5 or newer is needed\. Fix: install Go from https:\/\/go\.dev\/dl and put its bin directory first on the PATH \(Debian's golang package is older\)$/,
    ],
  ])("refuses a Go that is %s", async (_title, version, toolchain, message) => {
    await expect(findGo("1.26.5", fakeGo(version, toolchain))).rejects.toThrow(message);
  });
});

describe("requiredGo", () => {
  it("reads the go line", async () => {
    writeFileSync(join(root.path, "go.mod"), "module x\n\ngo 1.25.11\n\nrequire y v1.0.0\n");
    expect(await requiredGo(root.path)).toBe("1.25.11");
  });

  it("refuses a module without one", async () => {
    writeFileSync(join(root.path, "go.mod"), "module x\n");
    await expect(requiredGo(root.path)).rejects.toThrow(/go\.mod has no go line\. Fix: add/);
  });
});
