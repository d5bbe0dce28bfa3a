import { expect, test } from "vitest";
import { deploy } from "../test/harness.ts";
import { Namespace } from "./namespace.ts";

test("the namespace admits only what Pod Security's strictest level does", async () => {
  const { names, get } = await deploy(() => new Namespace("namespace", { name: "observability" }));
  expect(names).toEqual(["Namespace/observability", "NetworkPolicy/default"]);
  expect(get("Namespace", "observability").metadata.labels).toEqual({
    "app.kubernetes.io/part-of": "sightline",
    "app.kubernetes.io/managed-by": "pulumi",
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
  });
});

test("in the namespace, a pod that no policy names talks to nobody", async () => {
  const { get } = await deploy(() => new Namespace("namespace", { name: "observability" }));
  const { metadata, spec } = get("NetworkPolicy", "default");
  expect(metadata.namespace).toBe("observability");
  // Neither list of rules is there: nothing is allowed.
  expect(spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
});
