import { setTimeout as wait } from "node:timers/promises";

/** Time, as those see it who must be testable without waiting. */
export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

export const realClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => wait(ms),
};

/** Sleeps, but ends with the reason as soon as the run is interrupted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal });
}
