import type { Log } from "./cluster.ts";
import { sleep } from "./processes.ts";

const defaultPeriodMs = 10_000;

/** Says what is waited for when it takes long. */
export interface Progress {
  readonly during: <T>(name: string, work: Promise<T>) => Promise<T>;
  /** Tries until it works; the last reason is the error when the time is over. */
  readonly until: (name: string, seconds: number, attempt: () => Promise<void>) => Promise<void>;
  /** Why something is still waited for, for its next line. */
  readonly because: (name: string, reason: string) => void;
  readonly stop: () => void;
}

/** Notes every ten seconds what is still under way. What has only just begun is not worth a line. */
export function followProgress(log: Log, periodMs = defaultPeriodMs): Progress {
  const pending = new Map<string, number>();
  const reasons = new Map<string, string>();
  const timer = setInterval(() => {
    const waiting = [...pending].flatMap(([name, since]) => {
      const ms = Date.now() - since;
      const seconds = Math.round(ms / 1000);
      const reason = reasons.get(name);
      if (ms < periodMs / 2) return [];
      return [`${name} (${seconds} s${reason === undefined ? "" : `: ${reason}`})`];
    });
    if (waiting.length > 0) log(`waiting for ${waiting.join(", ")}`);
  }, periodMs);
  const during = async <T>(name: string, work: Promise<T>): Promise<T> => {
    pending.set(name, Date.now());
    try {
      return await work;
    } finally {
      pending.delete(name);
    }
  };
  const because = (name: string, reason: string) => {
    reasons.set(name, reason);
  };
  const retry = async (name: string, seconds: number, attempt: () => Promise<void>) => {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      try {
        await attempt();
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        because(name, reason);
        if (Date.now() > deadline) {
          throw new Error(`${name} was not ready within ${seconds} s: ${reason}`, { cause: error });
        }
      }
      await sleep(150);
    }
  };
  return {
    during,
    because,
    until: (name, seconds, attempt) => during(name, retry(name, seconds, attempt)),
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Waits for all of them, whatever becomes of the others, and throws what went wrong first. */
export async function together(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
