import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";

/** A folder that nothing can be rendered into, and what to do about it. */
export class FolderError extends Error {}

/** Lists what was written into a folder, so that exactly that is removed when it is no longer rendered. */
const indexFile = "rendered-files.txt";

/**
 * Writes rendered files into a folder and removes those that an earlier run wrote there and this one has not. A folder
 * with anything else in it is refused, and left as it is.
 */
export function writeRenderedFolder(directory: string, files: ReadonlyMap<string, string>): void {
  try {
    writeFiles(directory, files);
  } catch (cause) {
    if (cause instanceof FolderError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const fix = "name a folder that can be written to, with room for a few megabytes";
    throw new FolderError(`${directory} cannot be written to (${code ?? message}). Fix: ${fix}`, {
      cause,
    });
  }
}

function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  const earlier = earlierFiles(directory);
  mkdirSync(directory, { recursive: true });
  const current = [...files.keys()].sort();
  // A run that is killed half-way leaves nothing behind that the next one would not know as its own.
  writeIndex(directory, [...new Set([...earlier, ...current])].sort());
  for (const path of earlier) {
    if (!files.has(path)) rmSync(join(directory, path), { force: true });
  }
  for (const [path, content] of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  writeIndex(directory, current);
}

function writeIndex(directory: string, paths: readonly string[]): void {
  writeFileSync(join(directory, indexFile), paths.map((path) => `${path}\n`).join(""));
}

function earlierFiles(directory: string): string[] {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return [];
  const index = join(directory, indexFile);
  if (!existsSync(index)) {
    throw new FolderError(
      `${directory} has files that were not rendered into it. Fix: name a folder that is new or empty`,
    );
  }
  const paths = readFileSync(index, "utf8").split("\n").filter(Boolean);
  const stray = paths.find((path) => isAbsolute(path) || normalize(path).startsWith(".."));
  if (stray !== undefined) {
    throw new FolderError(
      `${index} names ${stray}, which is not in the folder. Fix: remove ${directory} and render again`,
    );
  }
  return paths;
}
