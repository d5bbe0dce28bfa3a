import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

const answerMs = 5_000;
const accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Why the pod stops: `leaves` when its set wants fewer, `returns` when the next pod of its name takes the volume over,
 * `removed` when the whole set goes, `unknown` when nobody tells.
 * @typedef {{ fate: "leaves" | "returns" | "removed" | "unknown", because: string }} Answer
 */

/**
 * Where the API is, and who asks.
 * @typedef {object} Api
 * @property {string} host
 * @property {string} port
 * @property {string} directory With the token and the authority, which Kubernetes renews in place.
 */

/**
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Api}
 */
export function clusterApi(environment) {
  return {
    host: environment["KUBERNETES_SERVICE_HOST"] ?? "",
    port: environment["KUBERNETES_SERVICE_PORT"] ?? "",
    directory: environment["ACCOUNT_DIRECTORY"] ?? accountDirectory,
  };
}

/**
 * Asks the pod's StatefulSet whether it still wants the pod. The count is lowered before a pod is told to stop.
 * @param {Api} api
 * @param {{ namespace: string, pod: string, statefulSet: string }} where
 * @returns {Promise<Answer>}
 */
export async function askFate(api, { namespace, pod, statefulSet }) {
  try {
    const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/${statefulSet}`;
    const { status, body } = await get(api, path);
    if (status === 404) return { fate: "removed", because: `${statefulSet} is gone` };
    if (status !== 200) return { fate: "unknown", because: `the API answers ${status}` };
    return fateIn(JSON.parse(body), pod, statefulSet);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { fate: "unknown", because: `the API cannot be asked: ${because}` };
  }
}

/**
 * @param {{ metadata?: { deletionTimestamp?: string }, spec?: { replicas?: number, ordinals?: { start?: number } } }} set
 * @param {string} pod
 * @param {string} statefulSet
 * @returns {Answer}
 */
function fateIn(set, pod, statefulSet) {
  const ordinal = Number(pod.slice(pod.lastIndexOf("-") + 1));
  const replicas = set.spec?.replicas;
  if (replicas === undefined || !Number.isInteger(ordinal)) {
    return { fate: "unknown", because: `${statefulSet} does not say how many it wants` };
  }
  if (set.metadata?.deletionTimestamp !== undefined) {
    return { fate: "removed", because: `${statefulSet} is being removed` };
  }
  const start = set.spec?.ordinals?.start ?? 0;
  const because = `${statefulSet} wants ${replicas} replicas`;
  const wanted = ordinal >= start && ordinal < start + replicas;
  return { fate: wanted ? "returns" : "leaves", because };
}

/**
 * @param {Api} api
 * @param {string} path
 * @returns {Promise<{ status: number, body: string }>}
 */
function get({ host, port, directory }, path) {
  return new Promise((resolve, reject) => {
    const token = readFileSync(join(directory, "token"), "utf8").trim();
    const asked = request(
      {
        host,
        port,
        path,
        ca: readFileSync(join(directory, "ca.crt")),
        headers: { accept: "application/json", authorization: `Bearer ${token}` },
      },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (chunk) => (body += chunk));
        answer.once("error", reject);
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    asked.setTimeout(answerMs, () => asked.destroy(new Error(`no answer within ${answerMs} ms`)));
    asked.once("error", reject);
    asked.end();
  });
}
