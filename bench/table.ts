/** One number beside what it should be. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** Left out where a number is only told. */
  readonly target?: string;
  /** Whether the target is met; left out where there is none. */
  readonly met?: boolean;
}

/** A number that is only told. */
export function told(what: string, measured: string): Row {
  return { what, measured };
}

/** A number that must not be above its target. */
export function atMost(
  what: string,
  measured: number,
  target: number,
  show: (value: number) => string = String,
): Row {
  return { what, measured: show(measured), target: `≤ ${show(target)}`, met: measured <= target };
}

/** A number that must not be below its target. */
export function atLeast(
  what: string,
  measured: number,
  target: number,
  show: (value: number) => string = String,
): Row {
  return { what, measured: show(measured), target: `≥ ${show(target)}`, met: measured >= target };
}

/** A count that must be one number and no other. */
export function exactly(what: string, measured: number, target: number): Row {
  return {
    what,
    measured: count(measured),
    target: count(target),
    met: measured === target,
  };
}

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share !== 0 && share < 0.001 ? 4 : 2)} %`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

export function microseconds(us: number): string {
  return `${us.toFixed(1)} µs`;
}

export function times(factor: number): string {
  return `${factor.toFixed(2)}×`;
}

export function mebibytes(mib: number): string {
  return `${mib.toFixed(0)} MiB`;
}

const headings = { what: "what", measured: "measured", target: "target", verdict: "" };

/** Rows in columns, a missed target marked as such. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [
    headings,
    ...rows.map(({ what, measured, target = "", met }) => ({
      what,
      measured,
      target,
      verdict: met === undefined ? "" : met ? "met" : "MISSED",
    })),
  ];
  const width = (column: "what" | "measured" | "target") =>
    Math.max(...cells.map((cell) => cell[column].length));
  const [what, measured, target] = [width("what"), width("measured"), width("target")];
  return cells
    .map((cell) =>
      [
        cell.what.padEnd(what),
        cell.measured.padStart(measured),
        cell.target.padStart(target),
        cell.verdict,
      ]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
