const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Gives `work` a signal that is aborted when this process is told to stop. Without it the programs
 * that were started would go on for minutes after this process is gone.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    controller.abort(
      new Error(`stopped by ${name}. Fix: run it again; it goes on from what was compiled so far`),
    );
  };
  for (const name of signals) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
