import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../process.ts";

/** Loaded by glibc before 2.34 when a name is looked up, so `ldd` does not list them. */
const lookedUpAtRunTime = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];

/** The files that a dynamically linked program needs beside itself, its loader among them; none for a static one. */
export async function sharedLibraries(program: string): Promise<string[]> {
  const { code, stdout, stderr } = await run("ldd", [program], { timeoutSeconds: 20 });
  if (code !== 0) {
    if (/not a dynamic executable|statically linked/.test(stdout + stderr)) return [];
    throw new Error(`ldd ${program} ended with ${code}: ${(stderr || stdout).trim()}`);
  }
  const listed = parseLdd(program, stdout);
  const libc = listed.find((path) => path.includes("/libc.so."));
  const extra =
    libc === undefined ? [] : lookedUpAtRunTime.map((name) => join(dirname(libc), name));
  return [...new Set([...listed, ...extra.filter((path) => existsSync(path))])];
}

/** Reads ldd's lines: `libm.so.6 => /lib/libm.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
export function parseLdd(program: string, output: string): string[] {
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  if (missing.length > 0) {
    throw new Error(
      `${program} lacks the libraries ${missing.join(", ")}, so no image can be made from it. ` +
        `Fix: install them, or a Node that runs on this machine`,
    );
  }
  return [...output.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
}
