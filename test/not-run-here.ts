import { test } from "vitest";
import { notRunMark } from "../scripts/test-summary.ts";

/** A test that needs what not every machine can have. Where it is missing, the summary lists it with the reason. */
export function testWhere(
  available: boolean,
  missing: string,
  name: string,
  body: () => Promise<void> | void,
): void {
  if (available) test(name, body);
  else test.skip(`${name} ${notRunMark} ${missing}]`, body);
}
