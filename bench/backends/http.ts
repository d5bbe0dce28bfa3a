import { setTimeout as sleep } from "node:timers/promises";

const attempts = 5;
const timeoutMs = 60_000;

/** Asks for JSON; a backend that is busy is asked again. Nothing for 404. */
export async function getJson(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      (error: unknown) => ({ status: 0, text: String(error) }),
    );
    if (answer.status === 404) return undefined;
    if (answer.status === 200) return JSON.parse(answer.text) as unknown;
    const isBusy = answer.status === 0 || answer.status === 429 || answer.status >= 500;
    if (!isBusy || attempt === attempts) {
      throw new Error(`${url}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
    await sleep(500 * attempt);
  }
}

/** Works through tasks, some at once. The first failure ends it. */
export async function inParallel<T>(
  tasks: readonly T[],
  width: number,
  work: (task: T) => Promise<void>,
): Promise<void> {
  const waiting = [...tasks];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await work(task);
    }),
  );
}
