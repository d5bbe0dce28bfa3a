import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hello } from "../../config/examples.ts";
import { helloImage } from "../../examples/hello/image.ts";
import type { ImageSpec } from "../cluster/image-writer.ts";
import type { Log } from "../cluster/cluster.ts";
import { run } from "../process.ts";
import { nodeImageSpec } from "./node-image.ts";

export interface HelloImageOptions {
  /** Folder outside the checkout in which installed dependencies are kept. */
  readonly cacheDir: string;
  readonly log: Log;
  /** As in the stack's `images.registry`. */
  readonly registry?: string;
  /** The Node that runs in the image; this one by default. */
  readonly node?: string;
  /** The npm that installs the dependencies. */
  readonly npm?: string;
}

const { port, uid } = hello;
const installSeconds = 300;
const manifests = [".npmrc", "package-lock.json", "package.json"];

/** The example's image, with its dependencies. */
export async function helloImageSpec(options: HelloImageOptions): Promise<ImageSpec> {
  return nodeImageSpec({
    image: helloImage,
    registry: options.registry,
    uid,
    port,
    entrypoint: ["node", "--import", "./src/telemetry.js", "src/server.js"],
    modules: await installedModules(options),
    node: options.node,
  });
}

/** Installs the locked dependencies once for each lock, and gives their folder. */
async function installedModules({
  cacheDir,
  log,
  npm = "npm",
}: HelloImageOptions): Promise<string> {
  const hash = createHash("sha256");
  for (const name of manifests) hash.update(readFileSync(join(helloImage.directory, name)));
  const kept = join(cacheDir, "hello", hash.digest("hex").slice(0, 16));
  const modules = join(kept, "node_modules");
  // Written by npm at the end of an install, so a folder without it was cut short or damaged.
  if (existsSync(join(modules, ".package-lock.json"))) return modules;

  log("installing the example's dependencies (npm ci) …");
  const partial = `${kept}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    for (const name of manifests) cpSync(join(helloImage.directory, name), join(partial, name));
    await install(npm, partial);
    rmSync(kept, { recursive: true, force: true });
    renameSync(partial, kept);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return modules;
}

async function install(npm: string, directory: string): Promise<void> {
  const args = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, stdout, stderr } = await run(npm, args, {
    cwd: directory,
    timeoutSeconds: installSeconds,
  });
  if (code === 0) return;
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-10).join("\n");
  throw new Error(
    `npm ci of examples/hello ended with ${code}:\n${tail}\n` +
      "Fix: make the npm registry reachable (npm ping), or leave the example out with `examples: []`",
  );
}
