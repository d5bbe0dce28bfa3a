import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { logsAnnotation, logsOff, tenantLabel } from "../../config/labels.ts";
import { logMark } from "../../config/log-mark.ts";
import { agentsNamespace } from "../../config/namespaces.ts";
import { serviceHost } from "../../config/endpoints.ts";
import { ports } from "../../config/ports.ts";
import { imageReference } from "../../config/versions.ts";
import { restrictedContainer, restrictedPod } from "../../kubernetes/security.ts";
import { selectorLabels } from "../../kubernetes/labels.ts";
import { getJson } from "../../local/proof/backends.ts";
import { withPortForwards } from "../../local/proof/port-forward.ts";
import { proofTargets } from "../../local/proof/targets.ts";
import { eventually } from "./eventually.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { testStack } from "./stacks.ts";

const { settings } = testStack("dev", { loki: { retentionDays: 5 } });
const namespace = "agents-e2e";
const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

interface Line {
  readonly labels: Record<string, string>;
  readonly text: string;
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly stream: Record<string, string>;
      readonly values: readonly (readonly [string, string])[];
    }[];
  };
}

function printingPod(name: string, script: string, annotations: Record<string, string> = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, annotations },
    spec: {
      automountServiceAccountToken: false,
      securityContext: restrictedPod(10001),
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "app",
          image: imageReference("busybox"),
          command: ["sh", "-c", `${script}; sleep 3600`],
          securityContext: restrictedContainer,
        },
      ],
    },
  };
}

async function apply(...items: readonly object[]): Promise<void> {
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

async function lines(loki: string, query: string): Promise<Line[]> {
  const url = `${loki}/loki/api/v1/query_range?limit=5000&query=${encodeURIComponent(query)}`;
  const { data } = (await getJson(url)) as Answer;
  return data.result.flatMap(({ stream, values }) =>
    values.map(([, text]) => ({ labels: stream, text })),
  );
}

function withBackends(body: (urls: { loki: string; prometheus: string }) => Promise<void>) {
  return withPortForwards(inject("machine").kubectl, proofTargets(settings), body);
}

beforeAll(async () => {
  await tryKubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait"]);
  await apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { [tenantLabel]: "team-a" } },
  });
});

afterAll(async () => {
  await tryKubectl(["delete", "namespace", namespace, "--wait=false"]);
});

test("what a pod only prints is found, with its pod, tenant and trace; what OTLP has delivered is not", async () => {
  const linked = JSON.stringify({ msg: "linked", trace_id: traceId, span_id: spanId });
  const marked = JSON.stringify({ msg: "marked", [logMark.field]: logMark.value });
  const printed = ["plain", linked, marked, `marked too${logMark.suffix}`, "last"];
  const script = printed.map((line) => `echo '${line}'`).join("; ");
  const off = { [logsAnnotation]: logsOff };
  await apply(printingPod("printer", script), printingPod("silent", "echo hidden", off));
  await withBackends(async ({ loki }) => {
    const query = `{k8s_namespace_name="${namespace}"}`;
    await eventually("the last line is there", async () => {
      expect((await lines(loki, query)).map(({ text }) => text)).toContain("last");
    });
    const found = await lines(loki, query);
    expect(found.map(({ text }) => text).sort()).toEqual(["plain", "linked", "last"].sort());
    expect(found.find(({ text }) => text === "plain")?.labels).toMatchObject({
      service_name: "printer",
      k8s_pod_name: "printer",
      k8s_container_name: "app",
      k8s_node_name: "sightline",
      sightline_tenant: "team-a",
    });
    expect(found.find(({ text }) => text === "linked")?.labels).toMatchObject({
      trace_id: traceId,
      span_id: spanId,
    });
  });
});

test("while an agent is replaced, no line is lost and none comes twice", async () => {
  const count = 2_000;
  const script = `i=0; while [ $i -lt ${count} ]; do echo "count $i"; i=$((i+1)); [ $((i%100)) = 0 ] && sleep 1; done`;
  await apply(printingPod("counter", script));
  await kubectl(["wait", "-n", namespace, "pod/counter", "--for=condition=Ready", "--timeout=60s"]);
  const selector = Object.entries(selectorLabels("agent"))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const agents = agentsNamespace(settings.namespace);
  await kubectl(["delete", "pod", "-n", agents, "-l", selector]);
  await kubectl(["rollout", "status", "-n", agents, "daemonset/agent", "--timeout=120s"]);
  await withBackends(async ({ loki }) => {
    const query = `{k8s_namespace_name="${namespace}"} |= "count "`;
    await eventually("all lines are there", async () => {
      expect(await lines(loki, query)).toHaveLength(count);
    });
    const texts = (await lines(loki, query)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(count);
  });
});

test("Fluent Forward is taken on the node", async () => {
  const script = `
    const text = (value) => Buffer.concat([Buffer.from([0xa0 + value.length]), Buffer.from(value)]);
    const now = Buffer.alloc(5, 0xce);
    now.writeUInt32BE(Math.floor(Date.now() / 1000), 1);
    const event = [Buffer.from([0x93]), text("app.fluent"), now, Buffer.from([0x81]), text("log"), text("over fluent forward")];
    const [host, port] = process.argv.slice(1);
    require("node:net").connect(Number(port), host, function () { this.end(Buffer.concat(event)); })
      .on("error", (error) => { console.error(error.message); process.exit(1); });`;
  const sender = {
    ...printingPod("fluent", ""),
    spec: {
      ...printingPod("fluent", "").spec,
      // As any sender of it tries again.
      restartPolicy: "OnFailure",
      containers: [
        {
          name: "sender",
          image: inject("machine").helloImage,
          command: [
            "node",
            "-e",
            script,
            serviceHost(settings, "agent"),
            `${ports.agent.fluentForward}`,
          ],
          securityContext: restrictedContainer,
        },
      ],
    },
  };
  await apply(sender);
  await withBackends(async ({ loki }) => {
    await eventually("the message is there", async () => {
      const found = await lines(loki, `{service_name="fluent-forward"}`);
      expect(found.map(({ text }) => text)).toEqual(["over fluent forward"]);
    });
  });
});

test("the node, the cluster's state and its events are told, and each collector's own log", () =>
  withBackends(async ({ loki, prometheus }) => {
    await eventually(
      "all of it is there",
      async () => {
        for (const metric of [
          "system_cpu_load_average_1m",
          "k8s_node_filesystem_available_bytes",
          "container_filesystem_usage_bytes",
          "k8s_node_condition_ready",
          'k8s_container_restarts{k8s_pod_name="counter"}',
        ]) {
          const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(metric)}`;
          expect(((await getJson(url)) as Answer).data.result, metric).not.toHaveLength(0);
        }
        const events = await lines(loki, `{service_name="kubernetes-events"} |= "busybox"`);
        expect(events.map(({ labels }) => labels["k8s_object_name"])).toContain("counter");
        for (const role of ["agent", "cluster", "gateway", "sampler"]) {
          const own = await lines(loki, `{service_name="${role}"} |= "Everything is ready"`);
          expect(own, role).not.toHaveLength(0);
        }
      },
      90,
    );
  }));

test("what a debug exporter prints never comes back in", () =>
  withBackends(async ({ loki }) => {
    expect(settings.collector.gateway.debugExporter).toBe(true);
    expect(
      await lines(loki, `{service_name="gateway"} | otelcol_component_id=~"debug/.+"`),
    ).toEqual([]);
  }));
