import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Downloader, sumFor } from "./download.ts";
import { scratch, standInServer } from "./fixture.ts";

let root: ReturnType<typeof scratch>;
beforeEach(() => {
  root = scratch();
});
afterEach(() => {
  root.remove();
});

const a = "a".repeat(64);
const b = "b".repeat(64);

describe("sumFor", () => {
  it.each([
    ["a list", `${a}  other.zip\n${b}  tool.zip\n`, b],
    ["a list of binary files", `${b} *tool.zip\n`, b],
    ["a list with directories", `${b}  release/tool.zip\n`, b],
    ["capital letters", `${b.toUpperCase()}  tool.zip\n`, b],
    ["one bare sum", `${b}\n`, b],
    ["a list without it", `${a}  other.zip\n`, undefined],
    ["a page that is no list", "<html>not found</html>", undefined],
  ])("reads %s", (_title, sums, expected) => {
    expect(sumFor("tool.zip", sums)).toBe(expected);
  });
});

function tarGz(): Buffer {
  const folder = join(root.path, "tool-1.0");
  mkdirSync(folder);
  writeFileSync(join(folder, "tool"), "from tar");
  execFileSync("tar", ["-czf", join(root.path, "made.tar.gz"), "-C", root.path, "tool-1.0"]);
  return readFileSync(join(root.path, "made.tar.gz"));
}

/** A zip archive of one packed member, with an entry before it. */
function zip(): Buffer {
  const entries = [
    { name: "LICENSE", data: Buffer.from("free"), method: 0 },
    { name: "tool-linux", data: deflateRawSync("from zip"), method: 8 },
  ];
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method } of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(data.length, 20);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    central.push(record, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(Buffer.concat(central).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}

async function serve(files: Readonly<Record<string, Buffer | string>>) {
  const requests: string[] = [];
  const server = await standInServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const content = files[path];
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content ?? "not found");
  });
  return { ...server, requests };
}

const sha256 = (content: Buffer | string): string =>
  createHash("sha256").update(content).digest("hex");

describe("fetchRelease", () => {
  it.each([
    ["tool.tar.gz", tarGz, "tool-1.0/tool", "from tar"],
    ["tool.tgz", tarGz, "tool-1.0/tool", "from tar"],
    ["tool.zip", zip, "tool-linux", "from zip"],
    ["tool", () => Buffer.from("bare"), "tool", "bare"],
  ])("takes the binary out of %s", async (file, make, member, expected) => {
    const content = make();
    const server = await serve({
      [`/v1/${file}`]: content,
      "/v1/SUMS": `${sha256(content)}  ${file}\n`,
    });
    const release = [
      {
        url: `${server.url}/v1/${file}`,
        checksumsUrl: `${server.url}/v1/SUMS`,
        members: { tool: member },
      },
    ];
    const target = join(root.path, "out");
    mkdirSync(target);
    await new Downloader().fetchRelease(release, target);
    await server.close();
    expect(readFileSync(join(target, "tool"), "utf8")).toBe(expected);
  });

  it.each([
    [
      "a wrong checksum",
      "/tool",
      { "/tool": "x", "/SUMS": `${a}  tool\n` },
      /\/tool has the SHA-256 sum 2d711642\w+, but its release says a{64}$/,
    ],
    [
      "a list without the file",
      "/tool",
      { "/tool": "x", "/SUMS": `${a}  other\n` },
      /\/SUMS has no checksum for tool$/,
    ],
    ["no list", "/tool", { "/tool": "x" }, /\/SUMS answered 404$/],
    ["no file", "/tool", { "/SUMS": `${a}  tool\n` }, /\/tool answered 404$/],
    [
      "a zip without the binary",
      "/t.zip",
      { "/t.zip": "no zip", "/SUMS": `${sha256("no zip")}  t.zip\n` },
      /^\.t\.zip cannot be unpacked: .*/,
    ],
  ] as const)("refuses %s", async (_title, path, files, message) => {
    const server = await serve(files);
    const release = [
      {
        url: `${server.url}${path}`,
        checksumsUrl: `${server.url}/SUMS`,
        members: { [basename(path)]: "tool" },
      },
    ];
    await expect(new Downloader().fetchRelease(release, root.path)).rejects.toThrow(message);
    await server.close();
  });

  it("does not ask a host again that once could not be reached", async () => {
    const server = await serve({});
    await server.close();
    const downloader = new Downloader();
    const release = [
      { url: `${server.url}/tool`, checksumsUrl: `${server.url}/SUMS`, members: {} },
    ];
    const refused = /^127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED$/;
    await expect(downloader.fetchRelease(release, root.path)).rejects.toThrow(refused);
    // A server that now listens there would answer 404.
    const revived = await serve({});
    const second = release.map((file) => ({ ...file, checksumsUrl: `${server.url}/SUMS` }));
    await expect(downloader.fetchRelease(second, root.path)).rejects.toThrow(refused);
    expect(revived.requests).toEqual([]);
    await revived.close();
  });

  it("gives up on a server that does not answer", async () => {
    const server = await standInServer(() => undefined);
    const release = [
      { url: `${server.url}/tool`, checksumsUrl: `${server.url}/SUMS`, members: {} },
    ];
    const downloader = new Downloader({ answerTimeoutMs: 100 });
    await expect(downloader.fetchRelease(release, root.path)).rejects.toThrow(
      /cannot be reached: no answer within 0\.1 s$/,
    );
    await server.close();
  });

  it("gives up on a download that stands still", async () => {
    const server = await standInServer((request, response) => {
      if (request.url === "/SUMS") response.end(`${a}  tool\n`);
      else response.write("half");
    });
    const release = [
      { url: `${server.url}/tool`, checksumsUrl: `${server.url}/SUMS`, members: {} },
    ];
    const downloader = new Downloader({ stallTimeoutMs: 100 });
    await expect(downloader.fetchRelease(release, root.path)).rejects.toThrow(
      /\/tool: nothing came for 0\.1 s$/,
    );
    await server.close();
  });

  it("asks a mirror in the place of the release's host", async () => {
    const server = await serve({
      "/mirror/example.com/tool": "bare",
      "/mirror/example.com/SUMS": `${sha256("bare")}  tool\n`,
    });
    const release = [
      {
        url: "https://example.com/tool",
        checksumsUrl: "https://example.com/SUMS",
        members: { tool: "tool" },
      },
    ];
    await new Downloader({ mirror: `${server.url}/mirror` }).fetchRelease(release, root.path);
    await server.close();
    expect(readFileSync(join(root.path, "tool"), "utf8")).toBe("bare");
  });
});
