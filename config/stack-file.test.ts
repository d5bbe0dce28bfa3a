import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "./issue.ts";
import { mergeOverlay, readStackConfig, stackFile } from "./stack-file.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stack-file-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function written(text: string): string {
  const path = join(directory, "Pulumi.test.yaml");
  writeFileSync(path, text);
  return path;
}

function messageOf(path: string): string {
  try {
    readStackConfig(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("readStackConfig", () => {
  it("gives what stands under the platform's key, and leaves other packages' keys alone", () => {
    const path = written(
      "config:\n  kubernetes:context: kind\n  sightline:platform: { environment: 2026-01-01, loki: { replicas: 1 } }\n  sightline:ingestTokens: { secure: v1:abc }\n",
    );
    expect(readStackConfig(path)).toEqual({ environment: "2026-01-01", loki: { replicas: 1 } });
  });

  it("takes a key whose parts are encrypted one by one for encrypted", () => {
    const path = written(
      "config:\n  sightline:platform: {}\n  sightline:fanOutSecrets: { a: { secure: v1:abc } }\n",
    );
    expect(readStackConfig(path)).toEqual({});
  });

  it("names the stacks there are when the file is missing", () => {
    writeFileSync(join(directory, "Pulumi.one.yaml"), "");
    writeFileSync(join(directory, "Pulumi.two.yaml"), "");
    const path = join(directory, "Pulumi.three.yaml");
    expect(() => readStackConfig(path)).toThrow(
      `Pulumi.three.yaml: does not exist. Fix: copy Pulumi.dev.yaml or Pulumi.prod.yaml to ${path} and change it, or name one of: one, two.`,
    );
  });

  it("says when the file cannot be read", () => {
    expect(() => readStackConfig(directory)).toThrow(
      `cannot be read (EISDIR). Fix: make ${directory} a file that can be read.`,
    );
  });

  it.each([
    [
      "broken YAML",
      "config:\n  a: [1\n  b: 2\n",
      "Pulumi.test.yaml: line 3, column 3: missed comma between flow collection entries. Fix: correct the YAML there.",
    ],
    [
      "two documents in one file",
      "config: {}\n---\nconfig: {}\n",
      "Pulumi.test.yaml: expected a single document in the stream, but found more. Fix: correct the YAML there.",
    ],
    [
      "a misspelt platform",
      "config:\n  sightline:platfrom: {}\n",
      "Pulumi.test.yaml: sightline:platfrom is unknown: did you mean platform? Fix: write platform.",
    ],
    [
      "a key twice",
      "config:\n  sightline:platform: {}\n  sightline:platform: {}\n",
      "Pulumi.test.yaml: line 3, column 3: duplicated mapping key. Fix: correct the YAML there.",
    ],
    [
      "an empty file",
      "",
      'Pulumi.test.yaml: config is missing. Fix: write `config: { "sightline:platform": … }`, as Pulumi.dev.yaml does.',
    ],
    [
      "no platform",
      "config:\n  platform: {}\n",
      "Pulumi.test.yaml: sightline:platform is missing. Fix: under config write `sightline:platform: { environment: <environment>, cluster: { name: <name> } }` (it stands there as platform, without the project's name).",
    ],
    [
      "a key set without --path",
      "config:\n  sightline:platform: {}\n  sightline:platform.loki.replicas: 3\n",
      "Pulumi.test.yaml: sightline:platform.loki.replicas was set without --path, so nothing reads it. Fix: `pulumi config rm platform.loki.replicas`, then `pulumi config set --path platform.loki.replicas <value>`.",
    ],
    [
      "a misspelt secret",
      "config:\n  sightline:platform: {}\n  sightline:ingestToken: { secure: v1:abc }\n",
      "Pulumi.test.yaml: sightline:ingestToken is unknown: did you mean ingestTokens? Fix: write ingestTokens.",
    ],
    [
      "a secret in plain text, which is not shown",
      "config:\n  sightline:platform: {}\n  sightline:storageSecretKey: hunter2\n",
      "Pulumi.test.yaml: sightline:storageSecretKey is a secret stored in plain text. Fix: take it for leaked: remove it with `pulumi config rm storageSecretKey`, then store a new one by `npm run secrets` or `pulumi config set --secret storageSecretKey`.",
    ],
    [
      "one of several secrets of a key in plain text",
      "config:\n  sightline:platform: {}\n  sightline:fanOutSecrets: { a: { secure: v1:abc }, b: hunter2 }\n",
      "Pulumi.test.yaml: sightline:fanOutSecrets is a secret stored in plain text. Fix: take it for leaked: remove it with `pulumi config rm fanOutSecrets`, then store a new one by `npm run secrets` or `pulumi config set --secret fanOutSecrets`.",
    ],
  ])("%s", (_, text, message) => {
    expect(messageOf(written(text))).toBe(message);
  });
});

describe("stackFile", () => {
  it("is Pulumi's own name for it", () => {
    expect(stackFile("eu-1.prod_b")).toBe("Pulumi.eu-1.prod_b.yaml");
  });

  it.each(["../x", "", "a b", "org/sightline/dev"])("does not take %j", (stack) => {
    expect(() => stackFile(stack)).toThrow(
      `Pulumi.<stack>.yaml: ${JSON.stringify(stack)} is no name of a stack. Fix: name it by letters, digits, dots, dashes and underscores, such as dev.`,
    );
  });
});

describe("mergeOverlay", () => {
  const base = { loki: { replicas: 3, volumeGiB: 50 }, list: [1, 2], storage: { region: "a" } };

  it.each<[string, unknown, unknown]>([
    ["nothing changes nothing", undefined, base],
    [
      "mappings are merged",
      { loki: { replicas: 1 } },
      { ...base, loki: { replicas: 1, volumeGiB: 50 } },
    ],
    ["lists are replaced", { list: [3] }, { ...base, list: [3] }],
    ["an empty value takes a key away", { storage: { region: null } }, { ...base, storage: {} }],
    ["a new mapping holds no empty values", { a: { b: null, c: 1 } }, { ...base, a: { c: 1 } }],
    ["a mapping replaces a list", { list: { a: 1, b: null } }, { ...base, list: { a: 1 } }],
  ])("%s", (_, overlay, merged) => {
    expect(mergeOverlay(base, overlay)).toEqual(merged);
  });

  it("changes neither side", () => {
    const overlay = { loki: { replicas: 1 } };
    const merged = mergeOverlay(base, overlay) as typeof base;
    merged.loki.replicas = 7;
    merged.list.push(9);
    expect(overlay).toEqual({ loki: { replicas: 1 } });
    expect(base.loki.replicas).toBe(3);
    expect(base.list).toEqual([1, 2]);
  });
});
