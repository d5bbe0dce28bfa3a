import type { Log } from "./cluster/cluster.ts";

export interface Steps {
  /** Runs one step under a heading, and says how long it took. */
  run<T>(title: string, body: (log: Log) => Promise<T>): Promise<T>;
  secondsSoFar(): number;
}

/** Numbers the steps of a long command, so that a person sees how far it is. */
export function countSteps(total: number, log: Log): Steps {
  const startedAt = Date.now();
  let current = 0;
  return {
    secondsSoFar: () => (Date.now() - startedAt) / 1_000,
    run: async (title, body) => {
      current += 1;
      const stepStartedAt = Date.now();
      log(`[${current}/${total}] ${title}`);
      const result = await body((line) => {
        log(`      ${line}`);
      });
      log(`      done in ${((Date.now() - stepStartedAt) / 1_000).toFixed(1)} s`);
      return result;
    },
  };
}
