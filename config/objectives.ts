/**
 * What a user may count on: how soon a sent record can be found. Every wait on the way is held under these by a rule,
 * and the dashboards and alerts show the same numbers.
 */
export const lagObjectiveMs = {
  logs: 5_000,
  traces: 2_000,
} as const;

/** The longest a batch may wait on one hop of a path that has a lag objective, whatever the profile's bound says. */
export const maxBatchWaitMs = {
  logs: 1_000,
  traces: 200,
} as const;

/** How long a printed line waits to be read: one look at the file, and two hand-overs inside of the reader. */
export const tailDelayMs = 400;

/** How long an instrumented application's SDK holds a record before it sends it, at most. */
export const sdkDelayMs = 200;
