import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process.ts";
import { findExecutable } from "./path-lookup.ts";

/** From this version on Go fetches a newer toolchain by itself when a module asks for one. */
const fetchesToolchains = "1.21.0";

const installHint =
  "install Go from https://go.dev/dl and put its bin directory first on the PATH " +
  "(Debian's golang package is older)";

/** Finds a Go that can build modules asking for `required`, or says what to install. */
export async function findGo(required: string, environment: NodeJS.ProcessEnv): Promise<string> {
  // The usual place of an unpacked Go, which a non-login shell may not have on its PATH.
  const searchPath = `${environment["PATH"] ?? ""}:/usr/local/go/bin`;
  const go = await findExecutable("go", searchPath);
  if (go === undefined) {
    throw new Error(
      `Go is not on the PATH, and version ${required} or newer is needed. Fix: ${installHint}`,
    );
  }
  // Asked with the local toolchain only, since Go would otherwise start with a download.
  const local = { ...environment, GOTOOLCHAIN: "local" };
  const version = (await goEnv(go, "GOVERSION", local)).replace(/^go/, "");
  if (compareVersions(version, required) >= 0) return go;
  const setting = await goEnv(go, "GOTOOLCHAIN", environment);
  const canFetch = compareVersions(version, fetchesToolchains) >= 0;
  if (canFetch && !setting.startsWith("local")) return go;
  const alternative = canFetch
    ? `, or let it fetch the newer one: go env -w GOTOOLCHAIN=auto (and unset the variable)`
    : "";
  throw new Error(
    `${go} is Go ${version}, and ${required} or newer is needed. Fix: ${installHint}${alternative}`,
  );
}

async function goEnv(go: string, name: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr } = await run(go, ["env", name], { env: environment });
  if (code === 0) return stdout.trim();
  throw new Error(`${go} does not run: ${stderr.trim()}. Fix: ${installHint}`);
}

/** The least Go that a module's go.mod asks for. */
export async function requiredGo(moduleDirectory: string): Promise<string> {
  const path = join(moduleDirectory, "go.mod");
  const version = /^go (\S+)$/m.exec(await readFile(path, "utf8"))?.[1];
  if (version === undefined) throw new Error(`${path} has no go line. Fix: add the least version`);
  return version;
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`; parts that are not there count as 0. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] =>
    version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [numbers(a), numbers(b)];
  for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
