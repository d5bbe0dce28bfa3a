import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { metricNames } from "../../config/metric-names.ts";
import { ports } from "../../config/ports.ts";
import { getJson } from "../../local/proof/backends.ts";
import { kubectlArgs, withPortForwards } from "../../local/proof/port-forward.ts";
import { eventually } from "./eventually.ts";
import { logRequest, postOtlp } from "./https-ingest.ts";
import { kubectl } from "./kubectl.ts";
import { ingestAccess } from "./prod-ingest.ts";
import { testStack } from "./stacks.ts";

const prod = testStack("prod");
const { settings } = prod;
const { namespace } = settings;
const { min } = settings.collector.gateway.replicas;
/** The last replica: the one that a smaller set has no place for. */
const leaver = `gateway-${min - 1}`;
const inNamespace = (...args: string[]) => kubectl(["-n", namespace, ...args]);

async function scale(set: "loki" | "gateway", replicas: number): Promise<void> {
  await inNamespace("scale", "statefulset", set, `--replicas=${replicas}`);
}

async function ready(set: "loki" | "gateway"): Promise<void> {
  await inNamespace("rollout", "status", `statefulset/${set}`, "--timeout=120s");
}

async function gone(pod: string): Promise<void> {
  await inNamespace("wait", "--for=delete", `pod/${pod}`, "--timeout=200s");
}

async function leastReplicas(count: number): Promise<void> {
  const patch = JSON.stringify({ spec: { minReplicas: count } });
  await inNamespace("patch", "horizontalpodautoscaler", "gateway", "-p", patch);
}

/** Hands this many log records to the one replica, each of them acknowledged. */
async function sendToLeaver(marker: string, count: number): Promise<void> {
  const { token, target } = await ingestAccess(prod, "gateway");
  const forwards = {
    pod: { namespace, resource: `pod/${leaver}`, port: ports.gateway.publicHttp },
  };
  await withPortForwards(inject("machine").kubectl, forwards, async (urls) => {
    for (let sent = 0; sent < count; sent += 1) {
      const body = logRequest(randomBytes(16).toString("hex"), `${marker} ${sent}`);
      expect(await postOtlp(target(urls.pod), "/v1/logs", body, token)).toBe(200);
    }
  });
}

/** Every message of the sidecar from now on, until its pod is gone. */
function followSidecar(): { readonly messages: () => string[]; readonly stop: () => void } {
  const { kubectl: cluster } = inject("machine");
  const args = ["logs", "-f", leaver, "-c", "drain", "-n", namespace];
  const child = spawn(cluster.program, [...kubectlArgs(cluster), ...args]);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const messages = () =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { messages, stop: () => child.kill() };
}

/** The largest number that these messages give. Agents send to the replica, too, so there may be more than was sent here. */
function mostIn(messages: readonly string[], pattern: RegExp): number {
  return Math.max(0, ...messages.map((message) => Number(pattern.exec(message)?.[1] ?? 0)));
}

function storedLogs(marker: string): Promise<number> {
  const forwards = { loki: { namespace, resource: "svc/loki", port: ports.loki.http } };
  return withPortForwards(inject("machine").kubectl, forwards, async ({ loki }) => {
    const query = encodeURIComponent(
      `sum(count_over_time({service_name="outside-sender"} |= "${marker}" [15m]))`,
    );
    const answer = await getJson(`${loki}/loki/api/v1/query?query=${query}`);
    const { data } = answer as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  });
}

/** The labels of what Prometheus finds. */
function series(promql: string): Promise<object[]> {
  const forwards = {
    prometheus: { namespace, resource: "pod/prometheus-0", port: ports.prometheus.http },
  };
  return withPortForwards(inject("machine").kubectl, forwards, async ({ prometheus }) => {
    const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(promql)}`;
    const { data } = (await getJson(url)) as { data: { result: { metric: object }[] } };
    return data.result.map(({ metric }) => metric);
  });
}

const leftBehind = `ALERTS{alertname="CollectorQueueLeftBehind"}`;

beforeAll(async () => {
  // Nobody measures load here, but an autoscaler holds its minimum all the same.
  await leastReplicas(min - 1);
});

afterAll(async () => {
  await leastReplicas(min);
  await scale("loki", settings.loki.replicas);
  await scale("gateway", min);
  await Promise.all([ready("loki"), ready("gateway")]);
});

test("a replica that is scaled away waits for its target and sends what it holds", async () => {
  const marker = `drained-${randomBytes(6).toString("hex")}`;
  await scale("loki", 0);
  await gone("loki-0");
  await sendToLeaver(marker, 40);
  const sidecar = followSidecar();
  try {
    await scale("gateway", min - 1);
    await eventually("it waits", () => {
      const told =
        /^gateway wants 2 replicas: waiting until .*\b(\d+) for otlp_http\/loki \(logs\)/;
      expect(mostIn(sidecar.messages(), told)).toBeGreaterThanOrEqual(40);
      return Promise.resolve();
    });
    await scale("loki", settings.loki.replicas);
    await gone(leaver);
    expect(sidecar.messages().at(-1)).toBe("drained, nothing is left");
  } finally {
    sidecar.stop();
  }
  await eventually("every record is in Loki", async () => {
    expect(await storedLogs(marker)).toBe(40);
  });
  expect(await series(leftBehind)).toEqual([]);
}, 300_000);

test("what a dead target leaves behind is named, told, kept and sent by the next one", async () => {
  const marker = `left-${randomBytes(6).toString("hex")}`;
  await scale("gateway", min);
  await ready("gateway");
  await scale("loki", 0);
  await gone("loki-0");
  await sendToLeaver(marker, 30);
  const sidecar = followSidecar();
  try {
    await scale("gateway", min - 1);
    await eventually("it waits", () => {
      expect(mostIn(sidecar.messages(), /(\d+) for otlp_http\/loki \(logs\)/)).toBeGreaterThan(29);
      return Promise.resolve();
    });
    await eventually("Prometheus has seen its queue", async () => {
      const queue = `${metricNames.collector.queueSize}{pod="${leaver}",exporter="otlp_http/loki"}`;
      expect(await series(`${queue} > 0`)).toHaveLength(1);
    });
    // Whoever has no time for the whole wait ends it by ending the sidecar.
    const end = ["node", "-e", "process.kill(1, 'SIGTERM')"];
    await inNamespace("exec", leaver, "-c", "drain", "--", ...end);
    await gone(leaver);
    const left = `of otlp_http/loki \\(logs\\) remain on volume queue-${leaver} of namespace ${namespace};`;
    const named = new RegExp(`^(\\d+) records ${left}`);
    expect(mostIn(sidecar.messages(), named)).toBeGreaterThanOrEqual(30);
  } finally {
    sidecar.stop();
  }
  await eventually("Prometheus tells of it", async () => {
    const labels = { pod: leaver, exporter: "otlp_http/loki", alertstate: "pending" };
    expect(await series(leftBehind)).toContainEqual(expect.objectContaining(labels));
  });
  await scale("loki", settings.loki.replicas);
  await scale("gateway", min);
  await Promise.all([ready("loki"), ready("gateway")]);
  await eventually("every record is in Loki", async () => {
    expect(await storedLogs(marker)).toBe(30);
  });
}, 300_000);
