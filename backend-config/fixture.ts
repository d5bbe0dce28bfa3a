import { load } from "js-yaml";
import { parseConfig } from "../config/parse.ts";
import type { Settings } from "../config/settings.ts";
import { mergeOverlay } from "../config/stack-file.ts";

const production = {
  environment: "test",
  cluster: { name: "east" },
  storage: {
    kind: "s3",
    region: "eu-central-1",
    lokiBucket: "the-logs",
    tempoBucket: "the-traces",
  },
};

/** One copy of everything, on volumes. */
export const single = {
  storage: { kind: "volume", lokiBucket: null, tempoBucket: null },
  loki: { replicas: 1 },
  tempo: { replicas: 1 },
  prometheus: { replicas: 1 },
  alertmanager: { replicas: 1 },
};

/** Production's defaults with buckets, and changes laid over them. */
export function testSettings(changes: unknown = {}): Settings {
  return parseConfig("Pulumi.test.yaml", mergeOverlay(production, changes));
}

/** A generated file, read again: what it says at a path of keys. */
export function readBack(yaml: string): (...path: string[]) => unknown {
  const whole = load(yaml);
  return (...path) =>
    path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      whole,
    );
}
