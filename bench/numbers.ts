/** The value below which this share of the values lies (nearest rank); `NaN` of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The middle value: of interleaved measurements it is not moved by one disturbed round. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
