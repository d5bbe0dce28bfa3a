import { expect, test } from "vitest";
import { deploy } from "../test/harness.ts";
import { Namespace } from "./namespace.ts";

test("the namespace admits only what Pod Security's strictest level does", async () => {
  const { names, get } = await deploy(() => new Namespace("namespace", { name: "observability" }));
  expect(names).toEqual(["Namespace/observability"]);
  expect(get("Namespace", "observability").metadata.labels).toEqual({
    "app.kubernetes.io/part-of": "sightline",
    "app.kubernetes.io/managed-by": "pulumi",
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
  });
});
