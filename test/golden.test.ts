import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { load } from "js-yaml";
import { beforeAll, describe, expect, test } from "vitest";
import { renderStack } from "../scripts/render-stack.ts";
import { stackSettings } from "./harness.ts";

const goldenDir = join(import.meta.dirname, "golden");
const index = "rendered-files.txt";
const rendered: Record<"dev" | "prod", ReadonlyMap<string, string>> = {
  dev: new Map(),
  prod: new Map(),
};

beforeAll(async () => {
  rendered.dev = await renderStack(stackSettings("dev"));
  rendered.prod = await renderStack(stackSettings("prod"));
});

function goldenFiles(stack: string): string[] {
  const dir = join(goldenDir, stack);
  const entries = existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }) : [];
  return entries
    .filter((entry) => entry.isFile() && entry.name !== index)
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

describe.each(["dev", "prod"] as const)(
  "%s renders what was reviewed (else: npm run golden)",
  (stack) => {
    test("the same files", () => {
      expect([...rendered[stack].keys()].sort()).toEqual(goldenFiles(stack));
    });

    test.each(goldenFiles(stack))("%s", (path) => {
      const golden = readFileSync(join(goldenDir, stack, path), "utf8");
      expect(rendered[stack].get(path)).toBe(golden);
    });

    test("the same bytes twice", async () => {
      expect(await renderStack(stackSettings(stack))).toEqual(rendered[stack]);
    });
  },
);

/** Spec of a Deployment or StatefulSet; what both have is what is looked at. */
function workloadSpec(stack: "dev" | "prod", file: string): types.output.apps.v1.StatefulSetSpec {
  const text = rendered[stack].get(`manifests/${file}.yaml`);
  if (text === undefined) throw new Error(`${stack} renders no ${file}`);
  return (load(text) as { spec: types.output.apps.v1.StatefulSetSpec }).spec;
}

function kinds(stack: "dev" | "prod", kind: string): string[] {
  const prefix = `manifests/${kind}-sightline-`;
  return [...rendered[stack].keys()]
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length, -".yaml".length))
    .sort();
}

describe("what the stacks promise", () => {
  test("prod survives the loss of any one replica of what it keeps", () => {
    expect(kinds("prod", "poddisruptionbudget")).toEqual([
      "alertmanager",
      "balancer",
      "cluster",
      "gateway",
      "loki",
      "prometheus",
      "sampler",
      "tempo",
    ]);
    expect(kinds("prod", "horizontalpodautoscaler")).toEqual(["gateway"]);
    expect(kinds("dev", "poddisruptionbudget")).toEqual([]);
    expect(kinds("dev", "horizontalpodautoscaler")).toEqual([]);
  });

  test.each([
    ["loki", 3],
    ["tempo", 3],
    ["prometheus", 2],
    ["alertmanager", 3],
    ["sampler", 3],
  ])("prod runs %s %i times, apart", (name, replicas) => {
    const spec = workloadSpec("prod", `statefulset-sightline-${name}`);
    expect(spec.replicas).toBe(replicas);
    const keys = spec.template.spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey);
    expect(keys).toEqual(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    expect(spec.template.spec.affinity).toHaveProperty("podAntiAffinity");
  });

  test.each([
    ["dev", "deployment", "640Mi", "512MiB"],
    ["prod", "statefulset", "2560Mi", "2048MiB"],
  ] as const)(
    "%s: the gateway is a %s with %s, of which Go may use %s",
    (stack, kind, memory, go) => {
      const { template } = workloadSpec(stack, `${kind}-sightline-gateway`);
      const [container] = template.spec.containers;
      expect(container?.resources.limits).toMatchObject({ memory });
      expect(container?.env).toContainEqual({ name: "GOMEMLIMIT", value: go });
    },
  );

  test.each([
    ["dev", "loki-config/loki.yaml", /retention_period: 72h/],
    ["prod", "loki-config/loki.yaml", /retention_period: 744h/],
    ["dev", "tempo-config/tempo.yaml", /block_retention: 24h/],
    ["prod", "tempo-config/tempo.yaml", /block_retention: 168h/],
  ] as const)("%s keeps what %s says", (stack, file, expected) => {
    expect(rendered[stack].get(`config/${file}`)).toMatch(expected);
  });

  test.each([
    ["dev", 2],
    ["prod", 15],
  ] as const)("%s keeps metrics for %i days", (stack, days) => {
    const config = rendered[stack].get("config/prometheus-config/prometheus.yaml");
    expect(load(config ?? "")).toMatchObject({
      storage: { tsdb: { retention: { time: `${days}d` } } },
    });
  });

  test("prod takes 16 MiB of logs a second and 32 at once, also in one stream", () => {
    expect(rendered.prod.get("config/loki-config/loki.yaml")).toMatch(
      /ingestion_burst_size_mb: 32\n\s+ingestion_rate_mb: 16\n(.*\n)*\s+per_stream_rate_limit: 16MB\n\s+per_stream_rate_limit_burst: 32MB\n/,
    );
  });
});
