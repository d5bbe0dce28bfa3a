import type { Settings } from "./settings.ts";

/** The example `hello`, whose Dockerfile says the same. */
export const hello = { workload: "hello", port: 8_080, uid: 10_001 } as const;

/** Namespace of the examples: apart from the platform's, as an application of the platform's users would be. */
export function examplesNamespace({ namespace }: Pick<Settings, "namespace">): string {
  return `${namespace}-examples`;
}
