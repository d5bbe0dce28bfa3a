import { setTimeout } from "node:timers/promises";
import { contents } from "./report.js";
import { Sight } from "./sight.js";

/** @typedef {import("./queues.js").Held} Held */
/** @typedef {import("./fate.js").Answer} Answer */

/**
 * How a wait ended.
 * @typedef {object} Outcome
 * @property {boolean} drained
 * @property {Answer["fate"]} fate
 * @property {string} because
 * @property {Held | undefined} held What the collector held when it was last heard of.
 */

/**
 * @typedef {object} Wait
 * @property {number} leaveSeconds
 * @property {number} drainSeconds
 * @property {number} settleSeconds
 * @property {() => Promise<Held>} read
 * @property {() => Promise<Answer>} ask
 * @property {(message: string) => void} log
 * @property {AbortSignal} signal Ends the wait at once.
 * @property {Clock} [clock]
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now Seconds.
 * @property {(seconds: number, signal: AbortSignal) => Promise<void>} sleep Ends early when it is told to.
 */

/** How often the collector is asked. */
const pollSeconds = 1;
/** How often the set is asked, since it may change its mind, and how often the log says how far it is. */
const lookUpSeconds = 15;
/** How long a collector may be silent, or queues no shorter while nobody tells whether the pod comes back. */
const patienceSeconds = 30;

/** @type {Clock} */
const realClock = {
  now: () => performance.now() / 1_000,
  sleep: (seconds, signal) =>
    setTimeout(seconds * 1_000, undefined, { signal }).catch(() => undefined),
};

/**
 * Waits until the collector has sent what it holds, where nobody else would. It never rejects: whatever goes wrong
 * here, the pod must be able to stop.
 * @param {Wait} wait
 * @returns {Promise<Outcome>}
 */
export async function drain(wait) {
  const { clock = realClock, log, signal } = wait;
  const deadline = clock.now() + wait.leaveSeconds + wait.drainSeconds;
  await clock.sleep(wait.leaveSeconds, signal);

  const sight = new Sight(clock.now());
  /** @type {Answer} */
  let answer = { fate: "unknown", because: "nobody was asked" };
  let lookUpAt = clock.now();
  for (;;) {
    await sight.look(wait.read, clock.now);
    if (clock.now() >= lookUpAt && !signal.aborted) {
      lookUpAt = clock.now() + lookUpSeconds;
      const asked = await wait.ask();
      // Once it was told, a silent API changes nothing.
      if (asked.fate !== "unknown" || answer.fate === "unknown") answer = asked;
      log(`${answer.because}: ${plans[answer.fate]}; ${sight.silence ?? contents(sight.held)}`);
    }
    const because = signal.aborted
      ? "told to stop while waiting"
      : reasonToEnd(sight, answer, clock.now(), { ...wait, deadline });
    if (because !== undefined) {
      return { drained: sight.isEmpty, fate: answer.fate, because, held: sight.held };
    }
    await clock.sleep(pollSeconds, signal);
  }
}

/** What is done about each fate. */
const plans = {
  leaves: "waiting until the queues are empty",
  returns: "not waiting for empty queues, since the next pod of this name goes on with them",
  removed: "not waiting for empty queues",
  unknown: "waiting while the queues become shorter",
};

/**
 * Why the wait is over; nothing while it is not.
 * @param {Sight} sight
 * @param {Answer} answer
 * @param {number} now
 * @param {{ settleSeconds: number, drainSeconds: number, deadline: number }} limits
 * @returns {string | undefined}
 */
function reasonToEnd(sight, { fate, because }, now, { settleSeconds, drainSeconds, deadline }) {
  const { emptyAt, heardAt, shorterAt, silence } = sight;
  if (fate === "returns" || fate === "removed") return because;
  if (emptyAt !== undefined && now - emptyAt >= settleSeconds) return "nothing is left";
  if (silence !== undefined && now - heardAt >= patienceSeconds) return silence;
  const isStuck = emptyAt === undefined && now - shorterAt >= patienceSeconds;
  if (fate === "unknown" && isStuck) {
    return `its queues have not become shorter for ${patienceSeconds} s, and ${because}`;
  }
  return now >= deadline ? `${drainSeconds} s are over` : undefined;
}
