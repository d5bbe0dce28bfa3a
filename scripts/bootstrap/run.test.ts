import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheDirectory } from "../../local/tools/cache.ts";
import { cacheDirectory as bootstrapCache, requiredNode } from "./context.js";

const root = join(import.meta.dirname, "../..");
let folder = "";
let script = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
  mkdirSync(join(folder, "bin"));
  script = checkout(join(folder, "checkout"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A checkout whose dependencies, which are none, are installed: this one's own may not be at the moment. */
function checkout(at: string): string {
  cpSync(import.meta.dirname, join(at, "scripts/bootstrap"), { recursive: true });
  cpSync(join(root, "scripts/run.cjs"), join(at, "scripts/run.cjs"));
  cpSync(join(root, "package.json"), join(at, "package.json"));
  const lock = '{ "packages": {} }';
  writeFileSync(join(at, "package-lock.json"), lock);
  mkdirSync(join(at, "node_modules"));
  const sum = createHash("sha256").update(lock).digest("hex");
  writeFileSync(join(at, "node_modules/.installed-lock"), sum);
  return join(at, "scripts/run.cjs");
}

function program(name: string, body: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** The command, by a Node that says it is of this version. */
function run(version: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const preload = join(folder, "version.cjs");
  writeFileSync(
    preload,
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`,
  );
  const env = {
    PATH: join(folder, "bin"),
    HOME: folder,
    SIGHTLINE_CACHE: join(folder, "cache"),
    ...environment,
  };
  const options = { env, encoding: "utf8" } as const;
  const result = spawnSync(process.execPath, ["--require", preload, script, ...args], options);
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

const tells = ["/bin/sh", "-c", 'command -v node; printf "%s\\n" "$@"; exit 7', "sh", "a b"];

test("runs the command with what it was given, and ends by its exit code", () => {
  program("node", `exec ${process.execPath} "$@"`);
  const { status, stdout } = run(process.versions.node, tells);
  expect(status).toBe(7);
  expect(stdout).toMatch(/\/node\na b\n$/);
});

test("gives the command the Node that runs it, where the PATH has another", () => {
  program("node", "exit 1");
  const { stdout } = run("22.3.0", ["/bin/sh", "-c", "node -p process.execPath"]);
  expect(stdout).toBe(`${process.execPath}\n`);
});

test("takes a newer Node of the PATH, and only that one's name from its folder", () => {
  mkdirSync(join(folder, "newer"));
  program("../newer/node", `exec ${process.execPath} "$@"`);
  program("../newer/tool", "echo not this one");
  program("tool", "echo this one");
  program("node", "echo 18.19.1 /old/node");
  const PATH = `${join(folder, "bin")}:${join(folder, "newer")}`;
  const result = run("20.5.0", ["/bin/sh", "-c", "tool; node -p process.execPath"], { PATH });
  expect(result).toEqual({
    status: 0,
    stdout: `this one\n${process.execPath}\n`,
    stderr: `Node 20.5.0 is too old, using ${process.execPath} (${process.versions.node})\n`,
  });
});

test("without a command says how to go on", () => {
  program("nodejs", `exec ${process.execPath} "$@"`);
  const { status, stderr } = run("20.5.0", []);
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /\nready: begin commands with `node scripts\/run\.cjs`, or put \/.*\/cache\/node\/links\/\w+ first on the PATH\n$/,
  );
});

test("a Node without fetch is refused at once", () => {
  expect(run("12.22.9", tells)).toEqual({
    status: 1,
    stdout: "",
    stderr: `Node 12.22.9 is too old, even to get a newer one. Fix: install Node ${requiredNode()} or newer from https://nodejs.org/en/download, put it first on the PATH and run the same command again.\n`,
  });
});

test("says which ways were tried in vain", () => {
  program("node", "echo 20.5.0 /usr/bin/node");
  program("npm", 'echo "npm error 404 no such package" >&2; exit 1');
  const SIGHTLINE_DOWNLOAD_MIRROR = "http://127.0.0.1:1";
  const { status, stdout, stderr } = run("20.5.0", tells, { SIGHTLINE_DOWNLOAD_MIRROR });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  const lines = stderr.trimEnd().split("\n").slice(-7);
  expect(lines).toEqual([
    "Node 20.5.0 is too old, and no newer one could be had:",
    `  PATH: ${folder}/bin/node is 20.5.0`,
    "  version managers: none",
    `  kept copy: none in ${folder}/cache/node/24.9.0-linux-${process.arch}`,
    expect.stringMatching(/^ {2}download: 127\.0\.0\.1:1 cannot be reached: /),
    expect.stringMatching(/^ {2}npm: /),
    `Fix: install Node ${requiredNode()} or newer from https://nodejs.org/en/download, put it first on the PATH and run the same command again.`,
  ]);
});

test("a command that is not there is said", () => {
  program("node", `exec ${process.execPath} "$@"`);
  const { status, stderr } = run(process.versions.node, ["no-such-command"]);
  expect({ status, stderr }).toEqual({
    status: 127,
    stderr: "no-such-command cannot be started (ENOENT)\n",
  });
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s reaches the command", async (signal) => {
  const body = `trap 'echo told; exit 9' ${signal.slice(3)}; echo started; while :; do sleep 0.05; done`;
  // A group of its own, as a service manager gives it, has no terminal that would tell the command.
  const child = spawn(process.execPath, [script, "/bin/sh", "-c", body], { detached: true });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output === "started\n") child.kill(signal);
  });
  expect(await once(child, "exit")).toEqual([9, null]);
  expect(output).toBe("started\ntold\n");
});

test("ends by the signal that ended the command", async () => {
  const child = spawn(process.execPath, [script, "/bin/sh", "-c", "kill -TERM $$"]);
  expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
});

test.each<NodeJS.ProcessEnv>([
  { SIGHTLINE_CACHE: "/a" },
  { XDG_CACHE_HOME: "/b" },
  { SIGHTLINE_CACHE: "", XDG_CACHE_HOME: "" },
])("keeps where the tools are kept: %j", (environment) => {
  expect(bootstrapCache(environment)).toBe(cacheDirectory(environment));
});

test("every command of package.json begins with it: npm runs no pre-scripts where scripts of dependencies are off", () => {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  const insideCheck = ["format", "lint", "types", "checks"];
  const unready = Object.entries(scripts).filter(
    ([name, command]) =>
      !insideCheck.includes(name) &&
      !command.split(" && ").every((part) => part.startsWith("node scripts/run.cjs ")),
  );
  expect(unready).toEqual([]);
});

test("package.json says the least Node in the form that is read", () => {
  expect(requiredNode()).toMatch(/^\d+\.\d+(\.\d+)?$/);
});
