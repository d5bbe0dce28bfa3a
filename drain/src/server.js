import { createServer } from "node:http";
import { drain } from "./drain.js";
import { askFate, clusterApi } from "./fate.js";
import { readHeld } from "./queues.js";
import { report } from "./report.js";
import { readSettings } from "./settings.js";

/** @param {object} line */
function log(line) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
}

/** @param {string} msg */
function info(msg) {
  log({ level: "info", msg });
}

/** @param {unknown} error */
function fail(error) {
  log({ level: "error", msg: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

process.once("uncaughtException", fail);
const settings = readSettings(process.env);
const { port, pod } = settings;
const stopping = new AbortController();

/**
 * The wait that is under way: whoever calls meanwhile waits for the same.
 * @type {Promise<void> | undefined}
 */
let waiting;

async function wait() {
  info(`${pod} is told to stop`);
  const api = clusterApi(process.env);
  const outcome = await drain({
    ...settings,
    read: () => readHeld(settings),
    ask: () => askFate(api, settings),
    log: info,
    signal: stopping.signal,
  });
  for (const line of report(outcome, settings)) log(line);
  waiting = undefined;
}

const server = createServer(async ({ url }, response) => {
  if (url === "/drain") await (waiting ??= wait());
  response.writeHead(url === "/drain" || url === "/healthz" ? 200 : 404).end();
});
server.once("error", fail);
server.listen(port, () => info(`listening on ${port} until ${pod} stops`));

/** The collector has ended, or the pod has no time left: say what is known, answer and go. */
async function stop() {
  stopping.abort();
  await waiting;
  server.close();
  server.closeAllConnections();
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
