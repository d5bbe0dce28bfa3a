import { expect, test } from "vitest";
import { deploy } from "../test/harness.ts";
import { Namespace } from "./namespace.ts";

const restricted = () =>
  new Namespace("namespace", { name: "observability", podSecurity: "restricted" });

test("the namespace admits only what Pod Security's strictest level does", async () => {
  const { names, get } = await deploy(() => restricted());
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
  const { get } = await deploy(() => restricted());
  const { metadata, spec } = get("NetworkPolicy", "default");
  expect(metadata.namespace).toBe("observability");
  // Neither list of rules is there: nothing is allowed.
  expect(spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
});

test("the one that may mount folders of its node admits them, and is shut off all the same", async () => {
  const { names, get } = await deploy(
    () => new Namespace("agents", { name: "observability-agents", podSecurity: "privileged" }),
  );
  expect(names).toEqual(["Namespace/observability-agents", "NetworkPolicy/default"]);
  expect(get("Namespace", "observability-agents").metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "privileged",
  });
});
