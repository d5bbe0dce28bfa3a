/** @typedef {import("./queues.js").Held} Held */

/** What has been seen of the collector's queues so far. */
export class Sight {
  /** @type {Held | undefined} */
  held;
  /**
   * Why the last look saw nothing.
   * @type {string | undefined}
   */
  silence;
  /** When the collector last answered, or the looking began. */
  heardAt;
  /** When the queues last became shorter than ever before. */
  shorterAt;
  /**
   * Since when there has been nothing at every look.
   * @type {number | undefined}
   */
  emptyAt;
  #fewest = Infinity;

  /** @param {number} now */
  constructor(now) {
    this.heardAt = now;
    this.shorterAt = now;
  }

  /**
   * @param {() => Promise<Held>} read
   * @param {() => number} clock
   */
  async look(read, clock) {
    try {
      this.held = await read();
    } catch (error) {
      this.silence = error instanceof Error ? error.message : String(error);
      this.emptyAt = undefined;
      return;
    }
    const now = clock();
    this.silence = undefined;
    this.heardAt = now;
    this.emptyAt = this.isEmpty ? (this.emptyAt ?? now) : undefined;
    if (this.held.records >= this.#fewest) return;
    this.#fewest = this.held.records;
    this.shorterAt = now;
  }

  /** Whether the last look saw nothing left. */
  get isEmpty() {
    if (this.silence !== undefined || this.held === undefined) return false;
    return this.held.records === 0 && this.held.inFlight <= 0;
  }
}
