import { setTimeout as sleep } from "node:timers/promises";

/** Tries until the body stops throwing; then the last failure is the reason given. */
export async function eventually(
  what: string,
  body: () => Promise<void>,
  timeoutSeconds = 60,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1_000;
  for (;;) {
    try {
      await body();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(`not so after ${timeoutSeconds} s: ${what}`, { cause: error });
      }
      await sleep(500);
    }
  }
}
