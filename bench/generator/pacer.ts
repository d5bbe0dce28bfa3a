/** Says how many things are due, so that a rate holds over any time whatever the ticks are like. */
export class Pacer {
  readonly perSecond: number;
  readonly startMs: number;
  #given = 0;

  constructor(perSecond: number, startMs: number) {
    this.perSecond = perSecond;
    this.startMs = startMs;
  }

  /** How many are due now that were not given before. After a pause all come that fell due in it. */
  due(nowMs: number): number {
    const all = Math.floor(((nowMs - this.startMs) / 1_000) * this.perSecond);
    const due = Math.max(0, all - this.#given);
    this.#given += due;
    return due;
  }
}
