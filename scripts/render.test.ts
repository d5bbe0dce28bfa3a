import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const projectDir = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "render-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a user runs it: another folder, no engine, no passphrase, no kubeconfig. */
async function render(...args: string[]): Promise<Outcome> {
  const script = join(projectDir, "scripts", "render.ts");
  const tsx = import.meta.resolve("tsx");
  const env = { PATH: process.env["PATH"], HOME: folder };
  try {
    const done = await promisify(execFile)(process.execPath, ["--import", tsx, script, ...args], {
      cwd: folder,
      env,
    });
    return { code: 0, ...done };
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome;
    return { code, stdout, stderr };
  }
}

function overlayFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("an overlay changes what is rendered", async () => {
  const overlay = overlayFile(
    "small.yaml",
    "namespace: observability\nloki: { retentionDays: 5 }\n",
  );
  const out = join(folder, "out");
  const { code, stdout, stderr } = await render("dev", out, "--overlay", overlay);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^dev: \d+ files in .*\n$/);
  expect(existsSync(join(out, "manifests", "statefulset-observability-loki.yaml"))).toBe(true);
  const loki = readFileSync(join(out, "config", "loki-config", "loki.yaml"), "utf8");
  expect(loki).toContain("retention_period: 120h");
}, 30_000);

test("bad configuration is listed whole, and nothing is written", async () => {
  const text = "loki: { retentionDays: 0, retentonDays: 5 }\ntempo: { replicas: three }\n";
  const out = join(folder, "bad");
  const result = await render("dev", out, "--overlay", overlayFile("bad.yaml", text));
  expect(result.code).toBe(1);
  expect(result.stdout).toBe("");
  const lines = result.stderr.trim().split("\n");
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^Pulumi\.dev\.yaml with bad\.yaml: .* Fix: /);
  expect(existsSync(out)).toBe(false);
}, 30_000);

test.each([
  ["an unknown stack", ["staging", "out"], /^Pulumi\.staging\.yaml: does not exist\. Fix: copy /],
  ["a stack by a path", ["../x", "out"], /^Pulumi\.<stack>\.yaml: "\.\.\/x" is no name of a stack/],
  [
    "a file for a folder",
    ["dev", join(projectDir, "package.json")],
    /package\.json cannot be written to \(ENOTDIR\)\. Fix: name a folder /,
  ],
  [
    "an overlay that is not there",
    ["dev", "out", "--overlay", "gone.yaml"],
    /^gone\.yaml: cannot be read: ENOENT/,
  ],
])(
  "%s is told in one message, without a stack trace",
  async (_, args, message) => {
    const { code, stderr } = await render(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  },
  30_000,
);

test("a wrong call is told with the usage, and ends with 2", async () => {
  const { code, stderr } = await render("dev", "out", "--overlya", "x");
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^the option --overlya is unknown: did you mean --overlay\?.*\n\nnpm run render -- <stack> <folder>/,
  );
}, 30_000);

test.each([
  ["a list", "- loki\n", "list.yaml: is not a mapping. Fix: write keys of `platform` at the top"],
  ["broken YAML", "loki: {\n", "broken.yaml: cannot be read: "],
])(
  "an overlay that is %s is refused",
  async (kind, text, message) => {
    const name = kind === "a list" ? "list.yaml" : "broken.yaml";
    const { code, stderr } = await render("dev", "out", "--overlay", overlayFile(name, text));
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  },
  30_000,
);
