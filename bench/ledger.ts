/** What one writer knows to be taken: its requests by number. */
export class Ledger {
  readonly recordsPerRequest: number;
  readonly #requests = new Map<number, number>();

  constructor(recordsPerRequest: number) {
    this.recordsPerRequest = recordsPerRequest;
  }

  acked(request: number, atMs: number): void {
    this.#requests.set(request, atMs);
  }

  has(request: number): boolean {
    return this.#requests.has(request);
  }

  /** Requests that were taken, with the time of their records. */
  requests(): ReadonlyMap<number, number> {
    return this.#requests;
  }

  get records(): number {
    return this.#requests.size * this.recordsPerRequest;
  }
}

/** What a look into a backend gave, held against what was taken. */
export interface Comparison {
  readonly acked: number;
  readonly found: number;
  readonly missing: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
  /** Found, though the sender was never told that it was taken: no loss, but the answer got lost. */
  readonly unacked: number;
  /** Some of what is missing, to look for. */
  readonly missingSamples: readonly number[];
}

const samples = 5;

/** How often each of a writer's records was found. Counts up to 255. */
export class Tally {
  #counts = new Uint8Array(1 << 16);
  #end = 0;

  found(counter: number): void {
    if (counter >= this.#counts.length) {
      const larger = new Uint8Array(Math.max(counter + 1, this.#counts.length * 2));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#counts[counter] = Math.min(255, this.times(counter) + 1);
    this.#end = Math.max(this.#end, counter + 1);
  }

  times(counter: number): number {
    return this.#counts[counter] ?? 0;
  }

  /** Exact: every record of every request is looked at. */
  compare(ledger: Ledger): Comparison {
    const size = ledger.recordsPerRequest;
    const missingSamples: number[] = [];
    let missing = 0;
    for (const request of ledger.requests().keys()) {
      for (let counter = request * size; counter < (request + 1) * size; counter += 1) {
        if (this.times(counter) > 0) continue;
        missing += 1;
        if (missingSamples.length < samples) missingSamples.push(counter);
      }
    }
    let [found, duplicates, unacked] = [0, 0, 0];
    for (let counter = 0; counter < this.#end; counter += 1) {
      const copies = this.times(counter);
      if (copies === 0) continue;
      found += 1;
      duplicates += copies - 1;
      if (!ledger.has(Math.floor(counter / size))) unacked += 1;
    }
    return { acked: ledger.records, found, missing, duplicates, unacked, missingSamples };
  }
}

/** Several writers' comparisons as one. */
export function together(comparisons: readonly Comparison[]): Comparison {
  const start = { acked: 0, found: 0, missing: 0, duplicates: 0, unacked: 0 };
  const numbers = comparisons.reduce(
    (total, one) => ({
      acked: total.acked + one.acked,
      found: total.found + one.found,
      missing: total.missing + one.missing,
      duplicates: total.duplicates + one.duplicates,
      unacked: total.unacked + one.unacked,
    }),
    start,
  );
  const missingSamples = comparisons.flatMap((one) => one.missingSamples).slice(0, samples);
  return { ...numbers, missingSamples };
}
