const answerMs = 5_000;

/**
 * What one queue of the collector still holds.
 * @typedef {object} Queue
 * @property {string} exporter
 * @property {string} signal
 * @property {number} records
 */

/**
 * What the collector has not sent yet.
 * @typedef {object} Held
 * @property {Queue[]} queues Those that hold something.
 * @property {number} records In all queues.
 * @property {number} inFlight Requests under way.
 */

/**
 * Asks the collector what it holds. Rejects when it cannot tell.
 * @param {{ metricsUrl: string, queueMetric: string, inFlightMetric: string }} settings
 * @returns {Promise<Held>}
 */
export async function readHeld({ metricsUrl, queueMetric, inFlightMetric }) {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(answerMs) }).catch(
    (error) => {
      throw new Error(`${metricsUrl} does not answer: ${reasonOf(error)}`);
    },
  );
  if (!answer.ok) throw new Error(`${metricsUrl} answers ${answer.status}`);
  const text = await answer.text();
  const sizes = samplesOf(text, queueMetric);
  // A collector without any queue is not what this one runs beside: that is no sign of empty queues.
  if (sizes.length === 0) throw new Error(`${metricsUrl} has no ${queueMetric}`);
  const queues = sizes
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({
      exporter: labels["exporter"] ?? "an unnamed exporter",
      signal: labels["data_type"] ?? "records",
      records: value,
    }));
  return {
    queues,
    records: queues.reduce((sum, { records }) => sum + records, 0),
    inFlight: samplesOf(text, inFlightMetric).reduce((sum, { value }) => sum + value, 0),
  };
}

/**
 * The samples of one metric in Prometheus' text format.
 * @param {string} text
 * @param {string} metric
 * @returns {{ labels: Record<string, string>, value: number }[]}
 */
function samplesOf(text, metric) {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .map((line) => {
      const [, labels = "", written = ""] = /^\w+(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      const value = Number(written);
      if (written === "" || !Number.isFinite(value)) {
        throw new Error(`the collector's metrics have a line that is no number: ${line}`);
      }
      return { labels: labelsOf(labels), value };
    });
}

/**
 * @param {string} text
 * @returns {Record<string, string>}
 */
function labelsOf(text) {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries([...pairs].map(([, name = "", value = ""]) => [name, value]));
}

/**
 * What went wrong with a request; `fetch` hides it one level down.
 * @param {unknown} error
 * @returns {string}
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
