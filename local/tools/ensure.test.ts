import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheLayout } from "./cache.ts";
import { ensurePrograms } from "./ensure.ts";
import { fakeProgram, scratch, standInServer, toolContext, writeScript } from "./fixture.ts";

let root: ReturnType<typeof scratch>;
beforeEach(() => {
  root = scratch();
});
afterEach(() => {
  root.remove();
});

const alpha = fakeProgram("alpha");
const beta = fakeProgram("beta");

describe("building", () => {
  it("keeps what it built, drops the caches and says what it did", async () => {
    const { context, lines, builds } = toolContext(root.path, [alpha, beta]);
    const paths = await ensurePrograms([alpha, beta], ["alpha", "beta"], context);
    expect(readFileSync(paths.alpha, "utf8")).toContain("version 1.2.3");
    expect(dirname(paths.beta)).toMatch(/cache\/tools\/beta-1\.2\.3-[0-9a-f]{12}$/);
    expect([...builds()].sort()).toEqual(["alpha", "beta"]);
    expect(existsSync(context.layout.build)).toBe(false);
    expect(lines).toContain("[1/2] alpha 1.2.3: building (about 10 s) · 0 s done, about 20 s left");
    expect(lines.at(-1)).toMatch(/^tools ready in \d+ s: (alpha|beta) \d s, (alpha|beta) \d s$/);
  });

  it("builds nothing and says nothing when all is kept", async () => {
    const { context, lines, builds } = toolContext(root.path, [alpha]);
    const first = await ensurePrograms([alpha], ["alpha"], context);
    const linesBefore = lines.length;
    expect(await ensurePrograms([alpha], ["alpha"], context)).toEqual(first);
    expect(builds()).toEqual(["alpha"]);
    expect(lines).toHaveLength(linesBefore);
  });

  it("builds only what is asked for", async () => {
    const { context, builds } = toolContext(root.path, [alpha, beta]);
    await ensurePrograms([alpha, beta], ["beta"], context);
    expect(builds()).toEqual(["beta"]);
  });

  it("builds again when the module's folder changes", async () => {
    const { context, builds } = toolContext(root.path, [alpha]);
    const before = await ensurePrograms([alpha], ["alpha"], context);
    writeFileSync(join(context.modulesDirectory, "alpha", "main.go"), "package main\n");
    const after = await ensurePrograms([alpha], ["alpha"], context);
    expect(after.alpha).not.toBe(before.alpha);
    expect(builds()).toEqual(["alpha", "alpha"]);
  });

  it("tells every way that was tried, the log's end and what to do when a build fails", async () => {
    const { context } = toolContext(root.path, [alpha, beta], {
      FAKE_GO_FAILURE: "compile: write: no space left on device",
    });
    const failure = ensurePrograms([alpha], ["alpha"], context);
    const log = join(context.layout.logs, "alpha-1.2.3.log");
    await expect(failure).rejects.toThrow(
      [
        "alpha 1.2.3 cannot be had:",
        "  PATH: alpha is not there",
        `  kept copy: none in ${context.layout.tools}`,
        "  download: none is published",
        "  build: go build ended with 1; its last lines:",
        "      compile: write: no space left on device",
        `    The whole log: ${log}`,
        "    Fix: free some disk, or set SIGHTLINE_CACHE to a larger one",
      ].join("\n"),
    );
    expect(readFileSync(log, "utf8")).toBe("compile: write: no space left on device\n");
    expect(readdirSync(context.layout.tools)).toEqual([]);
  });

  it("checks the disk before it builds", async () => {
    const huge = fakeProgram("alpha", { buildMegabytes: 1e12 });
    const { context, builds } = toolContext(root.path, [huge]);
    await expect(ensurePrograms([huge], ["alpha"], context)).rejects.toThrow(
      /build: building needs 1000000000\.0 GB in .*\/cache for a while, and \d+\.\d GB are free\. Fix: free some disk/,
    );
    expect(builds()).toEqual([]);
  });

  it("says what to do when the cache cannot be written", async () => {
    const { context } = toolContext(root.path, [alpha]);
    const file = join(root.path, "file");
    writeFileSync(file, "");
    const layout = cacheLayout(file);
    await expect(ensurePrograms([alpha], ["alpha"], { ...context, layout })).rejects.toThrow(
      `tools cannot be kept in ${file} (ENOTDIR). ` +
        "Fix: set SIGHTLINE_CACHE to a directory that can be written",
    );
  });

  it("ends the build and leaves nothing half-made when it is told to stop", async () => {
    const { context, lines } = toolContext(root.path, [alpha], { FAKE_GO_SECONDS: "30" });
    const startedMs = Date.now();
    const stopped = ensurePrograms([alpha], ["alpha"], context);
    const told = setInterval(() => {
      if (lines.length > 0) process.emit("SIGTERM", "SIGTERM");
    }, 50);
    await expect(stopped).rejects.toThrow(
      /^stopped by SIGTERM\. Fix: run it again; it goes on from what was compiled so far$/,
    );
    clearInterval(told);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    expect(readdirSync(context.layout.tools)).toEqual([]);
    expect(existsSync(context.layout.build)).toBe(true);
  });

  it("builds once when two ask at the same time", async () => {
    const { context, lines, builds } = toolContext(root.path, [alpha], { FAKE_GO_SECONDS: "0.3" });
    const [first, second] = await Promise.all([
      ensurePrograms([alpha], ["alpha"], context),
      ensurePrograms([alpha], ["alpha"], context),
    ]);
    expect(second).toEqual(first);
    expect(builds()).toEqual(["alpha"]);
    expect(lines).toContain(`tools: waiting for process ${process.pid}, which is making tools`);
  });
});

describe("the PATH", () => {
  it.each([
    ["prints the pinned version", "echo alpha v1.2.3, built with go1.26.8", true],
    ["prints another version", "echo alpha v1.2.4", false],
    ["prints a pre-release of it", "echo alpha v1.2.3-rc1", false],
    ["does not run", "exit 1", false],
  ])("takes a program that %s: %#", async (_title, body, taken) => {
    const { context, pathDirectory } = toolContext(root.path, [alpha]);
    const found = writeScript(join(pathDirectory, "alpha"), body);
    const { alpha: path } = await ensurePrograms([alpha], ["alpha"], context);
    expect(path === found).toBe(taken);
  });
});

describe("the kept copy", () => {
  const damages: readonly (readonly [string, (path: string) => void, string])[] = [
    [
      "of another size",
      (path) => {
        writeFileSync(path, "x");
      },
      "alpha has 1 bytes instead of 29",
    ],
    [
      "of the same size",
      (path) => {
        writeFileSync(path, "x".repeat(29));
      },
      "alpha has another checksum than when it was kept",
    ],
    [
      "with an unreadable manifest",
      (path) => {
        writeFileSync(join(dirname(path), "manifest.json"), "{");
      },
      "manifest.json cannot be read",
    ],
  ];

  it.each(damages)("is made again when it is damaged: %s", async (_title, damage, reason) => {
    const { context, lines, builds } = toolContext(root.path, [alpha]);
    const { alpha: path } = await ensurePrograms([alpha], ["alpha"], context);
    damage(path);
    await ensurePrograms([alpha], ["alpha"], context);
    expect(readFileSync(path, "utf8")).toContain("version 1.2.3");
    expect(builds()).toHaveLength(2);
    expect(lines).toContain(`alpha 1.2.3: the kept copy is damaged (${reason}), making it again`);
  });

  it("is good when only its time differs", async () => {
    const { context, builds } = toolContext(root.path, [alpha]);
    const { alpha: path } = await ensurePrograms([alpha], ["alpha"], context);
    utimesSync(path, 1, 1);
    await ensurePrograms([alpha], ["alpha"], context);
    await ensurePrograms([alpha], ["alpha"], context);
    expect(builds()).toHaveLength(1);
  });
});

describe("the official download", () => {
  const content = "#!/bin/sh\necho downloaded\n";
  const sum = createHash("sha256").update(content).digest("hex");

  async function run(published: string) {
    const server = await standInServer((request, response) => {
      response.end(request.url === "/alpha.sha256" ? `${published}\n` : content);
    });
    const url = `${server.url}/alpha`;
    const program = fakeProgram("alpha", {
      release: () => [{ url, checksumsUrl: `${url}.sha256`, members: { alpha: "alpha" } }],
    });
    const made = toolContext(root.path, [program]);
    try {
      const { alpha: path } = await ensurePrograms([program], ["alpha"], made.context);
      return { ...made, url, text: readFileSync(path, "utf8") };
    } finally {
      await server.close();
    }
  }

  it("is kept when its checksum is right", async () => {
    const { builds, text, lines } = await run(sum);
    expect(text).toBe(content);
    expect(builds()).toEqual([]);
    expect(lines[0]).toMatch(/^\[1\/1\] alpha 1\.2\.3: downloaded in \d+ s$/);
  });

  it("is refused with a clear line when its checksum is wrong, and the program is built", async () => {
    const wrong = "0".repeat(64);
    const { builds, text, lines, url } = await run(wrong);
    expect(text).toContain("version 1.2.3");
    expect(builds()).toEqual(["alpha"]);
    expect(lines[0]).toBe(
      `[1/1] alpha 1.2.3: ${url} has the SHA-256 sum ${sum}, ` +
        `but its release says ${wrong}; building instead`,
    );
  });
});

it("keeps drafts of a killed run from being taken for programs", async () => {
  const { context } = toolContext(root.path, [alpha]);
  const draft = join(context.layout.tools, ".draft-1-dead");
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, "alpha"), "half");
  const { alpha: path } = await ensurePrograms([alpha], ["alpha"], context);
  expect(readFileSync(path, "utf8")).toContain("version 1.2.3");
  expect(existsSync(draft)).toBe(false);
});
