import { createWriteStream } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { run } from "../process.ts";
import type { CacheLayout } from "./cache.ts";
import type { Architecture, Binary, Program } from "./program.ts";

const gibibyte = 1024 ** 3;

/** Two builds at a time fill the cores while one of them links or downloads, but need this much. */
const memoryForTwoBytes = 14 * gibibyte;

/** How many programs to build at once on this machine. */
export function parallelBuilds(memoryBytes: number = totalmem()): number {
  return memoryBytes >= memoryForTwoBytes ? 2 : 1;
}

export interface BuildOptions {
  readonly go: string;
  readonly layout: CacheLayout;
  readonly architecture: Architecture;
  readonly environment: NodeJS.ProcessEnv;
  readonly moduleDirectory: string;
  /** Stops the build. */
  readonly signal: AbortSignal;
}

/** A build that failed; the message ends with the log's last lines and what to do. */
export class BuildError extends Error {}

/** Builds every binary of a program into a directory. */
export async function buildProgram(
  program: Program,
  directory: string,
  options: BuildOptions,
): Promise<void> {
  const { layout, moduleDirectory } = options;
  options.signal.throwIfAborted();
  const temporary = join(layout.build, "tmp");
  await mkdir(temporary, { recursive: true });
  await mkdir(layout.logs, { recursive: true });
  const logPath = join(layout.logs, `${program.name}-${program.version}.log`);
  const log = createWriteStream(logPath);
  const lines: string[] = [];
  const { code } = await run(options.go, buildArguments(program, directory), {
    cwd: moduleDirectory,
    env: buildEnvironment(options, temporary),
    signal: options.signal,
    onLine: (line) => {
      lines.push(line);
      log.write(`${line}\n`);
    },
  });
  await new Promise((done) => log.end(done));
  options.signal.throwIfAborted();
  if (code !== 0) throw new BuildError(failure(code, lines, logPath));
  for (const binary of program.binaries) {
    const made = join(directory, outputName(binary, moduleDirectory));
    await rename(made, join(directory, binary.name));
  }
}

/** The command line, as `go` gets it. */
export function buildArguments(program: Program, directory: string): readonly string[] {
  const variables = Object.entries(program.variables).map(([name, value]) => `-X ${name}=${value}`);
  return [
    "build",
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    // A profile of one program would compile everything below it anew, and share nothing.
    "-pgo=off",
    // The linker drops it (`-w`); not making it saves the compiler a seventh of its time.
    "-gcflags=all=-dwarf=false",
    ...(program.tags.length > 0 ? ["-tags", program.tags.join(",")] : []),
    "-ldflags",
    ["-s", "-w", ...variables].join(" "),
    "-o",
    `${directory}/`,
    ...new Set(program.binaries.map((binary) => binary.package)),
  ];
}

function buildEnvironment(
  { environment, layout, architecture }: BuildOptions,
  temporary: string,
): NodeJS.ProcessEnv {
  return {
    ...environment,
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOARCH: architecture,
    GOWORK: "off",
    // Modules are unpacked writable, so that dropping the cache is a plain removal.
    GOFLAGS: "-modcacherw",
    GOCACHE: join(layout.build, "objects"),
    GOMODCACHE: join(layout.build, "modules"),
    GOTMPDIR: temporary,
    // The compiler spends a fifth of its time collecting garbage where there is memory to spare.
    ...(parallelBuilds() > 1 ? { GOGC: "400" } : {}),
  };
}

/** Go names a binary after its package's last element, without a version, or after its module's. */
function outputName(binary: Binary, moduleDirectory: string): string {
  const path = binary.package === "." ? moduleDirectory : binary.package;
  const elements = path.split("/").filter((element) => !/^v\d+$/.test(element));
  return elements.at(-1) ?? binary.name;
}

const tailLines = 15;

/** What usually stands behind a failed build, by what its log says. */
const causes: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [/no space left on device/, "free some disk, or set SIGHTLINE_CACHE to a larger one"],
  [
    /dial tcp|no such host|i\/o timeout|TLS handshake|403 Forbidden|502 Bad|503 Service/,
    "make the Go module proxy reachable (go env GOPROXY names it), then run again",
  ],
  [/signal: killed|cannot allocate memory/, "free some memory, then run again"],
  [
    /missing go\.sum entry|updates to go\.mod needed|checksum mismatch/,
    "restore the files below tools/ (git status names those that changed)",
  ],
];

function failure(code: number, lines: readonly string[], logPath: string): string {
  const text = lines.join("\n");
  const fix = causes.find(([pattern]) => pattern.test(text))?.[1];
  const tail = lines
    .filter((line) => !line.startsWith("go: downloading"))
    .slice(-tailLines)
    .map((line) => `      ${line}`);
  return [
    `go build ended with ${code}; its last lines:`,
    ...tail,
    `    The whole log: ${logPath}`,
    `    Fix: ${fix ?? "read the log; what was compiled so far is kept, so another run goes on from there"}`,
  ].join("\n");
}
