import { inject } from "vitest";
import * as store from "../../local/object-store.ts";

export const { objectStore } = store;

/** Starts the store with these buckets and waits until it answers. */
export function startObjectStore(buckets: readonly string[]): Promise<void> {
  return store.startObjectStore(inject("machine"), buckets);
}
