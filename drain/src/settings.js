/**
 * What the pod tells the program, by environment variables.
 * @typedef {object} Settings
 * @property {number} port
 * @property {string} metricsUrl Of the collector in the same pod.
 * @property {string} queueMetric Records that an exporter's queue holds.
 * @property {string} inFlightMetric Requests that an exporter has under way.
 * @property {number} leaveSeconds Until no proxy sends to the stopping pod any more.
 * @property {number} drainSeconds The longest wait for empty queues.
 * @property {number} settleSeconds How long the queues must stay empty.
 * @property {string} namespace
 * @property {string} pod
 * @property {string} statefulSet
 * @property {string} claim Name of the volume's claim.
 */

/**
 * Reads the settings, and names everything that is missing or no number at once.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Settings}
 */
export function readSettings(environment) {
  /** @type {string[]} */
  const wrong = [];
  const text = (/** @type {string} */ name) => {
    const value = environment[name] ?? "";
    if (value === "") wrong.push(`${name} is missing`);
    return value;
  };
  const number = (/** @type {string} */ name) => {
    const value = text(name);
    if (value !== "" && !/^\d+$/.test(value)) wrong.push(`${name} is ${value}, no whole number`);
    return Number(value);
  };
  const settings = {
    port: number("PORT"),
    metricsUrl: text("METRICS_URL"),
    queueMetric: text("QUEUE_METRIC"),
    inFlightMetric: text("IN_FLIGHT_METRIC"),
    leaveSeconds: number("LEAVE_SECONDS"),
    drainSeconds: number("DRAIN_SECONDS"),
    settleSeconds: number("SETTLE_SECONDS"),
    namespace: text("POD_NAMESPACE"),
    pod: text("POD_NAME"),
    statefulSet: text("STATEFUL_SET"),
    claim: text("CLAIM"),
  };
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return settings;
}
