import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { helloImage } from "../../examples/hello/image.ts";
import { helloImageSpec } from "./hello.ts";

let directory: string;
const lines: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hello-image-"));
  lines.length = 0;
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A stand-in for npm, as a shell script. */
function npm(script: string): string {
  const path = join(directory, "npm");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const installs = "mkdir -p node_modules/pino && touch node_modules/.package-lock.json";

function make(program: string) {
  return helloImageSpec({
    cacheDir: directory,
    log: (line) => lines.push(line),
    npm: program,
    registry: "mirror.local/x",
  });
}

test("the image holds node, its libraries, the dependencies and the app, and runs as nobody special", async () => {
  const spec = await make(npm(installs));
  expect(spec.ref).toBe(helloImage.reference("mirror.local/x"));
  const paths = spec.layers.flatMap(({ files }) => files.map(({ path }) => path));
  expect(paths).toEqual(
    expect.arrayContaining(["/usr/local/bin/node", "/app/node_modules", "/app/src", "/etc/passwd"]),
  );
  for (const { source } of spec.layers.flatMap(({ files }) => files)) {
    if (source !== undefined) expect(existsSync(source)).toBe(true);
  }
  expect(spec.config).toMatchObject({
    user: "10001:10001",
    entrypoint: ["node", "--import", "./src/telemetry.js", "src/server.js"],
  });
});

test("dependencies are installed once for a lock, and again when the kept ones were cut short", async () => {
  const program = npm(installs);
  await make(program);
  await make(npm("exit 7"));
  expect(lines).toHaveLength(1);
  const [kept = ""] = readdirSync(join(directory, "hello"));
  rmSync(join(directory, "hello", kept, "node_modules", ".package-lock.json"));
  await make(npm(installs));
  expect(lines).toHaveLength(2);
});

test("a failed install says why and leaves nothing behind", async () => {
  await expect(make(npm("echo no such host >&2; exit 1"))).rejects.toThrow(
    "npm ci of examples/hello ended with 1:\nno such host\n" +
      "Fix: make the npm registry reachable (npm ping), or leave the example out with `examples: []`",
  );
  expect(readdirSync(join(directory, "hello"))).toEqual([]);
});
