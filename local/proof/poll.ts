import { setTimeout as sleep } from "node:timers/promises";
import { MalformedAnswer } from "./answers.ts";

/** What became of looking for one thing. */
export type Search<T> =
  | { readonly found: true; readonly value: T; readonly foundAtMs: number }
  | { readonly found: false; readonly last: string; readonly attempts: number };

/** One look: the thing, or why it is not there yet. */
export type Look<T> = { readonly value: T } | { readonly notYet: string };

export interface PollOptions {
  readonly deadlineMs: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Told after each look in vain. */
  readonly notYet?: (reason: string) => void;
}

/**
 * Looks again and again until it is there, the deadline passes or the signal says that it is of no use any more.
 * Backends that cannot be reached may come back, so only a malformed answer ends it with an error.
 */
export async function poll<T>(
  look: () => Promise<Look<T>>,
  { deadlineMs, intervalMs, signal, notYet }: PollOptions,
): Promise<Search<T>> {
  for (let attempts = 1; ; attempts += 1) {
    const result = await look().catch((error: unknown): Look<T> => {
      if (error instanceof MalformedAnswer) throw error;
      return { notYet: reason(error) };
    });
    if ("value" in result) return { found: true, value: result.value, foundAtMs: Date.now() };
    notYet?.(result.notYet);
    if (Date.now() + intervalMs > deadlineMs || signal?.aborted === true) {
      return { found: false, last: result.notYet, attempts };
    }
    await sleep(intervalMs);
  }
}

/** `fetch` says only "fetch failed" and puts the reason into `cause`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
