import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { examplesNamespace } from "../../config/examples.ts";
import { deployedWorkloads } from "../../config/topology.ts";
import { dashboardQueries, type DashboardQuery } from "../../dashboards/dashboard-queries.ts";
import { restrictedContainer, restrictedPod } from "../../kubernetes/security.ts";
import { getJson, placeOrder } from "../../local/proof/backends.ts";
import { withPortForwards } from "../../local/proof/port-forward.ts";
import { proofTargets } from "../../local/proof/targets.ts";
import { eventually } from "./eventually.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { testStack } from "./stacks.ts";

const { settings } = testStack("dev", { loki: { retentionDays: 5 } });
const examples = examplesNamespace(settings);

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: [number, string];
    }[];
  };
}

function withBackends(
  body: (urls: { hello: string; loki: string; prometheus: string }) => Promise<void>,
): Promise<void> {
  return withPortForwards(inject("machine").kubectl, proofTargets(settings), body);
}

async function instant(prometheus: string, query: string): Promise<Answer["data"]["result"]> {
  const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`;
  return ((await getJson(url)) as Answer).data.result;
}

/** A pod that is no part of the platform and asks to be scraped. */
const annotated = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "annotated",
    namespace: examples,
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" },
  },
  spec: {
    automountServiceAccountToken: false,
    securityContext: restrictedPod(10001),
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "exporter",
        image: inject("machine").helloImage,
        command: [
          "node",
          "-e",
          `require("node:http").createServer((_, answer) => answer.end("annotated_answer 42\\n")).listen(8080)`,
        ],
        securityContext: restrictedContainer,
      },
    ],
  },
};

beforeAll(async () => {
  await kubectl(["apply", "-f", "-"], JSON.stringify(annotated));
});

afterAll(async () => {
  await tryKubectl(["delete", "pod", "annotated", "-n", examples, "--wait=false"]);
});

test(
  "Prometheus scrapes every part of the platform, the kubelet, cAdvisor and annotated pods",
  () =>
    withBackends(async ({ prometheus }) => {
      const wanted = [...deployedWorkloads(settings), "kubelet", "cadvisor", "annotated-pods"];
      await eventually("every target is up", async () => {
        const targets = await instant(prometheus, "up");
        const up = targets
          .filter(({ value }) => value?.[1] === "1")
          .map(({ metric }) => metric["job"]);
        expect([...new Set(up)].sort()).toEqual(wanted.sort());
        const answer = await instant(prometheus, "annotated_answer");
        expect(answer.map(({ value }) => value?.[1])).toEqual(["42"]);
      });
    }),
  120_000,
);

test(
  "every query of every dashboard returns data",
  () =>
    withBackends(async ({ hello, loki, prometheus }) => {
      const queries = dashboardQueries(settings).filter(
        ({ mayBeEmpty }) => mayBeEmpty === undefined,
      );
      expect(queries.length).toBeGreaterThan(20);
      await eventually(
        "no query comes back empty",
        async () => {
          await placeOrder(hello);
          await fetch(`${hello}/error`);
          const answers = await Promise.all(
            queries.map(async (query) => [
              label(query),
              await hasData(query, { loki, prometheus }),
            ]),
          );
          expect(answers.filter(([, found]) => found === false)).toEqual([]);
        },
        150,
      );
    }),
  200_000,
);

test("nothing but the dead man's switch fires", () =>
  withBackends(async ({ prometheus }) => {
    // Volumes of the embedded cluster lie on the machine's disk, and its kubelet reports that one's room.
    const query = `ALERTS{alertstate="firing", alertname!~"Volume.*"}`;
    const firing = await instant(prometheus, query);
    expect([...new Set(firing.map(({ metric }) => metric["alertname"]))]).toEqual(["Watchdog"]);
  }));

const label = ({ dashboardUid, panel, refId }: DashboardQuery) =>
  `${dashboardUid}: ${panel} ${refId}`;

async function hasData(
  { datasource, runnable, kind }: DashboardQuery,
  urls: { loki: string; prometheus: string },
): Promise<boolean> {
  if (datasource !== "loki" && datasource !== "prometheus") {
    throw new Error(`no way to ask ${datasource} here. Fix: teach hasData`);
  }
  const base = datasource === "loki" ? `${urls.loki}/loki` : urls.prometheus;
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const range =
    kind === "range" ? `_range?start=${nowSeconds - 3_600}&end=${nowSeconds}&step=60&` : "?";
  const url = `${base}/api/v1/query${range}query=${encodeURIComponent(runnable)}`;
  return ((await getJson(url)) as Answer).data.result.length > 0;
}
