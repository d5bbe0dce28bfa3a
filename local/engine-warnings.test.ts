import { expect, test } from "vitest";
import { engineWarnings } from "./engine-warnings.ts";

test("gives each warning once, with its resource and all of its lines", () => {
  const output = [
    " ~  kubernetes:apps/v1:StatefulSet loki updated (12s) 2 warnings",
    "",
    "Diagnostics:",
    "  kubernetes:apps/v1:StatefulSet (loki):",
    '    warning: unknown field "spec.x"',
    "    would violate PodSecurity",
    "    warning: spec.y is deprecated",
    "",
    "  pulumi:pulumi:Stack (sightline-dev):",
    "    what the program printed",
    "    warning: Pulumi is old",
    "    warning: Pulumi is old",
    "",
    "    error: not a warning",
    "    and this is its second line",
    "",
    "Outputs:",
    "    warning: an output of this name",
  ].join("\n");
  expect(engineWarnings(output)).toEqual([
    'loki (kubernetes:apps/v1:StatefulSet): unknown field "spec.x" would violate PodSecurity',
    "loki (kubernetes:apps/v1:StatefulSet): spec.y is deprecated",
    "sightline-dev (pulumi:pulumi:Stack): Pulumi is old",
  ]);
});

test.each([
  ["nothing to say", " +  Service loki created (0.1s)\n\nResources:\n    + 1 created\n"],
  ["only errors", "Diagnostics:\n  a:b:C (d):\n    error: no\n\nResources:\n"],
  [
    "a plugin where it was put",
    "Diagnostics:\n  pulumi:pulumi:Stack (s):\n    warning: using pulumi-resource-kubernetes from $PATH at /tools/pulumi-resource-kubernetes\n",
  ],
  ["nothing at all", ""],
])("%s is no warning", (_, output) => {
  expect(engineWarnings(output)).toEqual([]);
});
