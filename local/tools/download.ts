import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { run } from "../process.ts";
import type { ReleaseFile } from "./program.ts";
import { extractFromZip } from "./zip.ts";

export interface DownloaderOptions {
  /** Takes the place of `https://` before the host, for a mirror that keeps hosts as folders. */
  readonly mirror?: string | undefined;
  /** How long a server may take to begin its answer. */
  readonly answerTimeoutMs?: number;
  /** How long a download may stand still. */
  readonly stallTimeoutMs?: number;
}

/** A download that did not give a usable program; the message says which and why. */
export class DownloadError extends Error {}

/** Gets published files; a host that once could not be reached is not tried again in this run. */
export class Downloader {
  readonly #mirror: string | undefined;
  readonly #answerTimeoutMs: number;
  readonly #stallTimeoutMs: number;
  readonly #unreachable = new Map<string, string>();

  constructor(options: DownloaderOptions = {}) {
    this.#mirror = options.mirror?.replace(/\/*$/, "/");
    this.#answerTimeoutMs = options.answerTimeoutMs ?? 3_000;
    this.#stallTimeoutMs = options.stallTimeoutMs ?? 30_000;
  }

  /** Puts every binary of a release into a directory, or throws a DownloadError. */
  async fetchRelease(files: readonly ReleaseFile[], directory: string): Promise<void> {
    for (const file of files) {
      const expected = sumFor(basename(file.url), await this.#text(file.checksumsUrl));
      if (expected === undefined) {
        throw new DownloadError(`${file.checksumsUrl} has no checksum for ${basename(file.url)}`);
      }
      const archive = join(directory, `.${basename(file.url)}`);
      const sum = await this.#save(file.url, archive);
      if (sum !== expected) {
        await rm(archive, { force: true });
        throw new DownloadError(
          `${file.url} has the SHA-256 sum ${sum}, but its release says ${expected}`,
        );
      }
      await unpack(archive, file.members, directory);
      await rm(archive, { force: true });
    }
  }

  async #text(url: string): Promise<string> {
    const { body, stalled } = await this.#open(url);
    try {
      return Buffer.concat(await Readable.fromWeb(body).toArray()).toString("utf8");
    } catch (error) {
      throw new DownloadError(`${url}: ${reasonOf(error)}`);
    } finally {
      clearTimeout(stalled);
    }
  }

  async #save(url: string, path: string): Promise<string> {
    const { body, stalled } = await this.#open(url);
    const hash = createHash("sha256");
    const tap = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        stalled.refresh();
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(Readable.fromWeb(body), tap, createWriteStream(path));
      return hash.digest("hex");
    } catch (error) {
      throw new DownloadError(`${url}: ${reasonOf(error)}`);
    } finally {
      clearTimeout(stalled);
    }
  }

  async #open(original: string): Promise<{ body: WebBody; stalled: NodeJS.Timeout }> {
    const url = this.#mirror === undefined ? original : original.replace("https://", this.#mirror);
    const { host } = new URL(url);
    const before = this.#unreachable.get(host);
    if (before !== undefined) throw new DownloadError(before);
    const stop = new AbortController();
    const silent = setTimeout(() => {
      stop.abort(new Error(`no answer within ${this.#answerTimeoutMs / 1_000} s`));
    }, this.#answerTimeoutMs);
    let response: Response;
    try {
      response = await fetch(url, { signal: stop.signal });
    } catch (error) {
      const reason = `${host} cannot be reached: ${reasonOf(error)}`;
      this.#unreachable.set(host, reason);
      throw new DownloadError(reason);
    } finally {
      clearTimeout(silent);
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new DownloadError(`${url} answered ${response.status}`);
    }
    const stalled = setTimeout(() => {
      stop.abort(new Error(`nothing came for ${this.#stallTimeoutMs / 1_000} s`));
    }, this.#stallTimeoutMs);
    return { body: response.body, stalled };
  }
}

type WebBody = Parameters<typeof Readable.fromWeb>[0];

/** The sum of a file in a list made by sha256sum; a list of one bare sum is that of its only file. */
export function sumFor(file: string, sums: string): string | undefined {
  const lines = sums.split("\n").map((line) => line.trim());
  for (const line of lines) {
    const [, sum, name] = /^([0-9a-fA-F]{64})\s+\*?(.+)$/.exec(line) ?? [];
    if (sum !== undefined && name !== undefined && basename(name) === file)
      return sum.toLowerCase();
  }
  const bare = lines.filter((line) => line !== "");
  return bare.length === 1 && /^[0-9a-fA-F]{64}$/.test(bare[0] ?? "")
    ? bare[0]?.toLowerCase()
    : undefined;
}

async function unpack(
  archive: string,
  members: ReleaseFile["members"],
  directory: string,
): Promise<void> {
  for (const [binary, member] of Object.entries(members)) {
    const target = join(directory, binary);
    try {
      if (archive.endsWith(".zip")) await extractFromZip(archive, member, target);
      else if (/\.(tar\.gz|tgz)$/.test(archive)) await extractFromTar(archive, member, target);
      else await copyFile(archive, target);
    } catch (error) {
      throw new DownloadError(`${basename(archive)} cannot be unpacked: ${reasonOf(error)}`);
    }
  }
}

async function extractFromTar(archive: string, member: string, target: string): Promise<void> {
  const scratch = `${target}.unpacked`;
  await mkdir(scratch, { recursive: true });
  const { code, stderr } = await run("tar", ["-xzf", archive, "-C", scratch, member]);
  if (code !== 0) throw new Error(stderr.trim() || `tar ended with ${code}`);
  await rename(join(scratch, member), target);
  await rm(scratch, { recursive: true, force: true });
}

/** Node hides why a request failed in the error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  if (cause instanceof Error) {
    return (cause as NodeJS.ErrnoException).code ?? (cause.message || cause.name);
  }
  return error.message;
}
