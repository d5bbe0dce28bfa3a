import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "./issue.ts";
import { parseConfig } from "./parse.ts";
import { schemaKeys } from "./schema-keys.ts";
import { mergeOverlay } from "./stack-file.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
};
/** Breaks one rule: the burst is below the rate. */
const lowBurst = { tempo: { ingestionRateMiB: 65, ingestionBurstMiB: 64 } };

/** Where something is wrong. */
function pathsOf(config: unknown): string[] {
  try {
    parseConfig("test", config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path }) => path);
    throw error;
  }
}

const pathsWith = (overlay: object) => pathsOf(mergeOverlay(base, overlay));

describe("what does not fit together is told with what is malformed", () => {
  it.each([
    ["a text for a number", { loki: { replicas: "3" } }, ["platform.loki.replicas"]],
    ["an unknown key", { lokki: 1 }, ["platform.lokki"]],
    ["a missing key", { cluster: { name: null } }, ["platform.cluster.name"]],
    ["a missing mapping", { cluster: null }, ["platform.cluster"]],
    ["a text for a mapping", { grafana: "yes" }, ["platform.grafana"]],
    [
      "a bad entry of a list",
      { cluster: { apiServerPorts: [443, 0] } },
      ["platform.cluster.apiServerPorts[1]"],
    ],
    [
      "an encrypted value",
      { images: { registry: { secure: "v1:x" } } },
      ["platform.images.registry"],
    ],
  ])("%s", (_, overlay, malformed) => {
    expect(pathsWith({ ...lowBurst, ...overlay })).toEqual([
      ...malformed,
      "platform.tempo.ingestionBurstMiB",
    ]);
  });
});

describe("a rule is silent where it would look at", () => {
  it.each([
    ["what is malformed", { tempo: { ingestionRateMiB: 65, ingestionBurstMiB: "64" } }],
    ["the default of a misspelt key", { tempo: { ingestionRateMiB: 65, ingestionBurstMB: 90 } }],
    [
      "the default of a key that stands elsewhere",
      { ingestionBurstMiB: 90, tempo: { ingestionRateMiB: 65 } },
    ],
    [
      "a default within a mapping of another name",
      { traces: { ingestionBurstMiB: 90 }, tempo: { ingestionRateMiB: 65 } },
    ],
    ["a mapping that is malformed as a whole", { storage: "s3" }],
    ["a list with a bad entry", { alertmanager: { webhooks: ["http://a:99999", 5] } }],
    [
      "a mapping with a bad entry",
      {
        storage: { credentials: "identity", serviceAccountAnnotations: { "example.com/role": 5 } },
      },
    ],
    [
      "what follows from a workload that is malformed",
      {
        workload: { logsPerSecond: "9000", spansPerSecond: 100, series: 1000, outageMinutes: 1 },
        tempo: { ingestionRateMiB: 65 },
      },
    ],
    [
      "what follows from a workload of another name",
      {
        workloads: { logsPerSecond: 9000, spansPerSecond: 100, series: 1000, outageMinutes: 1 },
        tempo: { ingestionRateMiB: 65 },
      },
    ],
    ["a mapping that lacks what it needs", { aws: {}, storage: { credentials: "identity" } }],
  ])("%s", (_, overlay) => {
    expect(pathsWith(overlay)).toHaveLength(1);
  });
});

/** Something that no key takes. */
const nonsense = fc.constantFrom<unknown>("", -1, 0.5, null, [[]], { x: { y: 1 } }, "a b c");

it("of a configuration that is only malformed, nothing else is told", () => {
  // Who writes a key of aws, workload or a target has that, and what it asks for; without its storage the base fits nothing.
  const apart = /^platform\.(aws|workload|collector\.fanOut)|^platform\.storage$|\[\]/;
  const paths = schemaKeys().map(({ path }) => path);
  const places = fc.constantFrom(...paths.filter((path) => !apart.test(path)));
  fc.assert(
    fc.property(fc.uniqueArray(places, { maxLength: 4 }), nonsense, (at, value) => {
      const config = structuredClone(base);
      for (const path of at) setAt(config, path, structuredClone(value));
      for (const told of pathsOf(config)) {
        expect(at.some((path) => told.startsWith(path) || path.startsWith(told))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

function setAt(config: object, path: string, value: unknown): void {
  const steps = path.split(".").slice(1);
  const last = steps.pop() ?? "";
  let place = config as Record<string, unknown>;
  for (const step of steps) {
    const inner = place[step];
    // One that was made nonsense already stays so.
    if (inner !== undefined && (typeof inner !== "object" || inner === null)) return;
    place = (place[step] ??= {}) as Record<string, unknown>;
  }
  place[last] = value;
}
