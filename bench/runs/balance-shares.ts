/** What each replica has counted until some moment. */
export type Counts = ReadonlyMap<string, number>;

/** Each replica's part of what came between two moments. A counter that began anew counts from zero. */
export function shares(before: Counts, after: Counts): Map<string, number> {
  const gained = [...after].map(([pod, value]) => {
    const earlier = before.get(pod) ?? 0;
    return [pod, value >= earlier ? value - earlier : value] as const;
  });
  const all = gained.reduce((total, [, value]) => total + value, 0);
  return new Map(gained.map(([pod, value]) => [pod, all === 0 ? 0 : value / all]));
}

export interface Moment {
  readonly atMs: number;
  readonly counts: Counts;
}

/** Whether each of so many replicas has its fair share, give or take that part of it. */
function isFair(parts: ReadonlyMap<string, number>, replicas: number, deviation: number): boolean {
  const fair = 1 / replicas;
  return (
    parts.size === replicas &&
    [...parts.values()].every((part) => Math.abs(part - fair) <= fair * deviation)
  );
}

/** When the shares became fair and stayed so, each taken over a window; `Infinity` if they never did. */
export function balancedAfter(
  moments: readonly Moment[],
  replicas: number,
  deviation: number,
  windowMs: number,
): number {
  let since = Number.POSITIVE_INFINITY;
  for (const [index, moment] of moments.entries()) {
    const start = moments.slice(0, index).findLast(({ atMs }) => atMs <= moment.atMs - windowMs);
    if (start === undefined) continue;
    const fair = isFair(shares(start.counts, moment.counts), replicas, deviation);
    if (!fair) since = Number.POSITIVE_INFINITY;
    else if (since === Number.POSITIVE_INFINITY) since = moment.atMs;
  }
  return since;
}
