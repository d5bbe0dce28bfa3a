import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Cluster } from "./cluster.ts";
import { encodeImage, imageKey, type ImageSpec } from "./image-writer.ts";
import { findProgram, hostEnvironment, run } from "./processes.ts";

/** Where an image store is: a whole `Cluster` is one, too. */
export type ImageStore = Pick<Cluster, "containerdSocket" | "ctrNamespace">;

/** containerd answers such questions in a few milliseconds, or in seconds on a busy disk. */
const answerSeconds = 30;

/** The kubelet never collects an image that carries it. */
const pinnedLabel = "io.cri-containerd.pinned=pinned";
/** What the image was made from, so that making it again can be spared. */
const keyLabel = "sightline.dev/made-from";

/** Whether the store holds an image of that name (and of that digest, if one is given). */
export async function imageExists(
  store: ImageStore,
  ref: string,
  digest?: string,
): Promise<boolean> {
  const line = await findImage(store, ref);
  return line !== undefined && (digest === undefined || line.split(/\s+/).includes(digest));
}

/** Imports an image from a tar file (OCI layout or `docker save`) and returns the names it got. */
export async function importImage(store: ImageStore, tarPath: string): Promise<string[]> {
  const refs = await importChunks(store, createReadStream(tarPath, { highWaterMark: 1024 * 1024 }));
  for (const ref of refs) await label(store, ref, pinnedLabel);
  return refs;
}

/** Makes an image and imports it, unless the store has it from the very same files already. */
export async function ensureImage(
  store: ImageStore,
  spec: ImageSpec,
): Promise<"kept" | "imported"> {
  const made = `${keyLabel}=${imageKey(spec)}`;
  if ((await findImage(store, spec.ref))?.includes(made) === true) return "kept";
  const { chunks } = await encodeImage(spec);
  await importChunks(store, chunks());
  await label(store, spec.ref, pinnedLabel, made);
  return "imported";
}

/** One line: name, type, digest, size, platforms, labels. */
async function findImage(store: ImageStore, ref: string): Promise<string | undefined> {
  const { stdout } = await run("ctr", [...ctrArgs(store), "images", "list", `name==${ref}`], {
    timeoutSeconds: answerSeconds,
  });
  return stdout.split("\n").find((line) => line.startsWith(`${ref} `));
}

async function label(store: ImageStore, ref: string, ...labels: string[]): Promise<void> {
  await run("ctr", [...ctrArgs(store), "images", "label", ref, ...labels], {
    timeoutSeconds: answerSeconds,
  });
}

async function importChunks(store: ImageStore, chunks: AsyncIterable<Buffer>): Promise<string[]> {
  const child = spawn(findProgram("ctr") ?? "ctr", [...ctrArgs(store), "images", "import", "-"], {
    env: hostEnvironment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const ended = once(child, "close");
  const fed = await pipeline(chunks, child.stdin).then(
    () => undefined,
    (error: unknown) => error,
  );
  const [code] = (await ended) as [number | null];
  if (code !== 0 || fed !== undefined) {
    throw new Error(
      `containerd did not take the image: ${output.trim() || String(fed)}. ` +
        "Fix: see that the disk has room, then run it again",
      { cause: fed },
    );
  }
  return [...output.matchAll(/^unpacking (\S+)/gm)].flatMap((match) => match[1] ?? []);
}

function ctrArgs({ containerdSocket, ctrNamespace }: ImageStore): string[] {
  return ["--address", containerdSocket, "--namespace", ctrNamespace];
}
