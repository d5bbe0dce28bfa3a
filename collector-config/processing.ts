import { redaction } from "./processors.ts";
import type { Processor, Signal } from "./model.ts";

/** What is done to the records of each signal, wherever they entered, before they are dealt out. */
export function cleaning(): Readonly<Record<Signal, readonly Processor[]>> {
  const redact = redaction();
  return { logs: [redact], metrics: [redact], traces: [redact] };
}
