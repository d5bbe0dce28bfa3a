/** @typedef {import("./drain.js").Outcome} Outcome */

/**
 * One line of the log.
 * @typedef {{ level: "info" | "warn", msg: string, records?: number, exporter?: string, signal?: string, volume?: string, namespace?: string }} Line
 */

/**
 * What is to be said when a wait has ended: what is left, where it lies, and who gets it from there.
 * @param {Outcome} outcome
 * @param {{ namespace: string, pod: string, claim: string }} where
 * @returns {Line[]}
 */
export function report({ drained, fate, because, held }, { namespace, pod, claim }) {
  const volume = `${claim}-${pod}`;
  if (fate === "returns") {
    const msg = `${because}: the next ${pod} takes volume ${volume} over, with ${contents(held)}`;
    return [{ level: "info", msg }];
  }
  if (drained) return [{ level: "info", msg: `drained, ${because}` }];
  const replicas = Number(pod.slice(pod.lastIndexOf("-") + 1)) + 1;
  const place = `on volume ${volume} of namespace ${namespace}`;
  const fix = `they are sent once ${pod} runs again: keep the volume, mend what they are for, and set collector.gateway.replicas.min to ${replicas} or more until its queues are empty`;
  const found = { volume, namespace };
  const lost = `not drained: ${because}`;
  if (held === undefined || held.queues.length === 0) {
    const msg = `${lost}; ${contents(held)} ${place}, and if records are left there, ${fix}`;
    return [{ level: "warn", msg, ...found }];
  }
  return [
    { level: "warn", msg: lost },
    ...held.queues.map(({ exporter, signal, records }) => ({
      level: /** @type {const} */ ("warn"),
      msg: `${records} records of ${nameOf({ exporter, signal })} remain ${place}; ${fix}`,
      records,
      exporter,
      signal,
      ...found,
    })),
  ];
}

/**
 * @param {import("./queues.js").Held | undefined} held
 * @returns {string}
 */
export function contents(held) {
  if (held === undefined) return "nothing known of its queues";
  if (held.queues.length === 0) return `empty queues and ${held.inFlight} requests under way`;
  const queues = held.queues.map((queue) => `${queue.records} for ${nameOf(queue)}`);
  return `${held.records} records in its queues (${queues.join(", ")})`;
}

/** @param {{ exporter: string, signal: string }} queue */
function nameOf({ exporter, signal }) {
  return `${exporter} (${signal})`;
}
