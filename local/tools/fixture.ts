import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheLayout } from "./cache.ts";
import { Downloader } from "./download.ts";
import type { ToolContext } from "./search.ts";
import type { Program } from "./program.ts";

/** A directory of a test's own; disposing removes it. */
export function scratch(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "sightline-tools-"));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function writeScript(path: string, body: string): string {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A program whose build is quick: the fake Go writes a script that prints its version. */
export function fakeProgram(name: string, changes: Partial<Program> = {}): Program {
  return {
    name,
    version: "1.2.3",
    module: `example.com/${name} v1.2.3`,
    binaries: [{ name, package: `example.com/${name}/cmd/${name}`, versionArgs: ["--version"] }],
    tags: [],
    variables: {},
    buildSeconds: 10,
    buildMegabytes: 1,
    ...changes,
  };
}

const fakeGo = `
if [ "$1" = env ]; then
  case "$2" in GOVERSION) echo go1.26.8 ;; GOTOOLCHAIN) echo local ;; esac
  exit 0
fi
pwd >> "$FAKE_GO_CALLS"
if [ -n "$FAKE_GO_FAILURE" ]; then echo "$FAKE_GO_FAILURE" >&2; exit 1; fi
mkdir -p "$GOCACHE" && touch "$GOCACHE/object"
sleep "\${FAKE_GO_SECONDS:-0}" > /dev/null 2>&1
while [ "$1" != -o ]; do shift; done
out="$2"; shift 2
for package in "$@"; do
  printf '#!/bin/sh\\necho version 1.2.3\\n' > "$out$(basename "$package")"
done`;

/** A context in which everything is in one directory, with a fake Go as the only program on the PATH. */
export function toolContext(
  root: string,
  programs: readonly Program[],
  environment: NodeJS.ProcessEnv = {},
): {
  readonly context: ToolContext;
  readonly lines: readonly string[];
  readonly pathDirectory: string;
  /** The module folders that were built, in order. */
  readonly builds: () => readonly string[];
} {
  const lines: string[] = [];
  const pathDirectory = join(root, "bin");
  const calls = join(root, "calls");
  mkdirSync(pathDirectory, { recursive: true });
  mkdirSync(join(root, "cache"), { recursive: true });
  writeFileSync(calls, "");
  writeScript(join(pathDirectory, "go"), fakeGo);
  for (const { name } of programs) {
    mkdirSync(join(root, "modules", name), { recursive: true });
    writeFileSync(join(root, "modules", name, "go.mod"), `module test/${name}\n\ngo 1.26.0\n`);
  }
  const context: ToolContext = {
    log: (line) => lines.push(line),
    layout: cacheLayout(join(root, "cache")),
    modulesDirectory: join(root, "modules"),
    architecture: "amd64",
    environment: {
      PATH: `${pathDirectory}:/usr/bin:/bin`,
      FAKE_GO_CALLS: calls,
      ...environment,
    },
    downloader: new Downloader({ answerTimeoutMs: 500, stallTimeoutMs: 500 }),
  };
  const builds = (): readonly string[] =>
    readFileSync(calls, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(line.lastIndexOf("/") + 1));
  return { context, lines, pathDirectory, builds };
}

/** A web server on loopback that stands in for the place of a release. */
export async function standInServer(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}
