import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../process.ts";
import { layerEntries } from "./image-layer.ts";
import { imageKey, writeImage, type ImageSpec } from "./image-writer.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "image-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function spec(more: Partial<ImageSpec> = {}): ImageSpec {
  return {
    ref: "localhost/program:1.2.3",
    layers: [
      {
        files: [
          { path: "/usr/bin/program", content: "binary", mode: 0o755 },
          { path: "/etc/name", content: "a name", uid: 10001, gid: 10001 },
        ],
      },
    ],
    config: {
      entrypoint: ["/usr/bin/program"],
      user: "10001:10001",
      env: { HOME: "/tmp" },
      exposedPorts: ["4317/tcp"],
      labels: { "org.opencontainers.image.version": "1.2.3" },
    },
    ...more,
  };
}

interface Descriptor {
  readonly digest: string;
  readonly annotations?: Record<string, string>;
}

/** Unpacks with the machine's own tar, which did not learn from this program what a tar file is. */
async function unpack(archive: string): Promise<string> {
  const target = mkdtempSync(join(directory, "unpacked-"));
  const { code, stderr } = await run("tar", ["-xf", archive, "-C", target]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return target;
}

function blob(layout: string, { digest }: Descriptor): Buffer {
  const bytes = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
  expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest);
  return bytes;
}

async function readImage(archive: string) {
  const layout = await unpack(archive);
  const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString());
  const index = json(readFileSync(join(layout, "index.json"))) as { manifests: Descriptor[] };
  const [described] = index.manifests;
  if (described === undefined) throw new Error("the index is empty");
  const manifest = json(blob(layout, described)) as { config: Descriptor; layers: Descriptor[] };
  return {
    layout,
    described,
    config: json(blob(layout, manifest.config)),
    layers: manifest.layers.map((layer) => {
      blob(layout, layer);
      return join(layout, "blobs", layer.digest.replace(":", "/"));
    }),
  };
}

describe("an image file", () => {
  it("is an OCI layout whose digests hold, with the image's name", async () => {
    const archive = join(directory, "image.tar");
    const written = await writeImage(spec(), archive);
    const image = await readImage(archive);
    expect(image.described).toMatchObject({
      digest: written.digest,
      annotations: { "io.containerd.image.name": "localhost/program:1.2.3" },
    });
    expect(image.config).toMatchObject({
      os: "linux",
      config: {
        Entrypoint: ["/usr/bin/program"],
        User: "10001:10001",
        Env: ["HOME=/tmp"],
        ExposedPorts: { "4317/tcp": {} },
        Labels: { "org.opencontainers.image.version": "1.2.3" },
      },
      rootfs: { diff_ids: image.layers.map((path) => `sha256:${path.split("/").at(-1) ?? ""}`) },
    });
  });

  it("has layers that tar reads: owners, modes, no times", async () => {
    const archive = join(directory, "image.tar");
    await writeImage(spec(), archive);
    const [layer] = (await readImage(archive)).layers;
    const { stdout } = await run("tar", ["-tvf", layer ?? "", "--numeric-owner", "--utc"]);
    expect(stdout.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/",
      "-rw-r--r-- 10001/10001 6 1970-01-01 00:00 etc/name",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/",
      "-rwxr-xr-x 0/0 6 1970-01-01 00:00 usr/bin/program",
    ]);
  });

  it("has the same bytes whenever and in whatever order it is made", async () => {
    const source = join(directory, "program");
    writeFileSync(source, "binary", { mode: 0o755 });
    const files = [
      { path: "/b", source },
      { path: "/a", content: "first" },
    ];
    const [one, two] = [join(directory, "1.tar"), join(directory, "2.tar")];
    await writeImage(spec({ layers: [{ files }] }), one);
    utimesSync(source, 1, 1);
    await writeImage(spec({ layers: [{ files: files.toReversed() }] }), two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it("holds sources of any size and names of any length", async () => {
    const source = join(directory, "large");
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, "sightline");
    writeFileSync(source, bytes);
    const name = `${"very-long-directory-name/".repeat(12)}größe.txt`;
    const archive = join(directory, "image.tar");
    await writeImage(spec({ layers: [{ files: [{ path: `/${name}`, source }] }] }), archive);
    const [layer] = (await readImage(archive)).layers;
    expect(readFileSync(join(await unpack(layer ?? ""), name)).equals(bytes)).toBe(true);
  });
});

describe("a layer", () => {
  it("takes a directory whole, with its links", () => {
    mkdirSync(join(directory, "app", "bin"), { recursive: true });
    writeFileSync(join(directory, "app", "bin", "run"), "#!", { mode: 0o700 });
    writeFileSync(join(directory, "app", "data"), "data", { mode: 0o600 });
    symlinkSync("bin/run", join(directory, "app", "start"));
    const entries = layerEntries([{ path: "/srv/app", source: join(directory, "app"), uid: 5 }]);
    expect(entries.map(({ path, kind, mode, uid }) => [path, kind, mode.toString(8), uid])).toEqual(
      [
        ["srv", "directory", "755", 0],
        ["srv/app", "directory", "755", 5],
        ["srv/app/bin", "directory", "755", 5],
        ["srv/app/bin/run", "file", "755", 5],
        ["srv/app/data", "file", "644", 5],
        ["srv/app/start", "symlink", "777", 5],
      ],
    );
  });

  it("follows a link that is named itself", () => {
    writeFileSync(join(directory, "target"), "data");
    symlinkSync("target", join(directory, "link"));
    const [entry] = layerEntries([{ path: "/file", source: join(directory, "link") }]);
    expect(entry).toMatchObject({ kind: "file", body: { size: 4 } });
  });

  it.each(["/", "../outside", "/a/../../b/.."])("refuses the path %s", (path) => {
    expect(() => layerEntries([{ path, content: "" }])).toThrow(
      `image file ${path} is outside the image. Fix: write an absolute path`,
    );
  });

  it("refuses an entry that is nothing", () => {
    expect(() => layerEntries([{ path: "/nothing" }])).toThrow(
      "image file /nothing has neither source, content, link nor directory",
    );
  });
});

describe("an image's key", () => {
  it("stays while nothing changes, and changes with each thing that may", () => {
    const source = join(directory, "program");
    writeFileSync(source, "binary");
    const files = [{ path: "/program", source }];
    const image = spec({ layers: [{ files }] });
    const key = imageKey(image);
    expect(imageKey(image)).toBe(key);
    expect(imageKey({ ...image, config: { user: "1" } })).not.toBe(key);
    expect(
      imageKey(spec({ layers: [{ files: [{ path: "/program", source, mode: 0o700 }] }] })),
    ).not.toBe(key);
    utimesSync(source, 1, 1);
    expect(imageKey(image)).not.toBe(key);
  });
});
