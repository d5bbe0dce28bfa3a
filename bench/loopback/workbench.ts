import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one run, and what runs in it: all of it is gone at the end, whatever happens. */
export class Workbench implements AsyncDisposable {
  readonly directory: string;
  readonly #inUse: AsyncDisposable[] = [];

  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `sightline-bench-${name}-`));
  }

  /** Keeps something that is disposed of at the end, the last first. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#inUse.push(resource);
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#inUse.splice(0).reverse()) await resource[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
