import { expect, test } from "vitest";
import { podTemplate, type PlatformPod } from "./pod-template.ts";

const pod: PlatformPod = {
  identity: { workload: "web", version: "1.2", namespace: "shop" },
  replicas: 3,
  uid: 10_001,
  images: { pullPolicy: "IfNotPresent", pullSecrets: [] },
  serviceAccount: "web",
  apiAccess: false,
  graceSeconds: 30,
  files: { "web.yaml": "a: 1\n" },
  container: { name: "web" },
  volumes: [],
};

test("several replicas are kept apart; one is not asked to be", () => {
  const several = podTemplate(pod).spec;
  expect(several).toHaveProperty("affinity.podAntiAffinity");
  expect(several).toHaveProperty("topologySpreadConstraints.length", 2);
  const one = podTemplate({ ...pod, replicas: 1 }).spec;
  expect(one).not.toHaveProperty("affinity");
  expect(one).toHaveProperty("topologySpreadConstraints", []);
});

test("pull secrets are named to the kubelet", () => {
  const images = { ...pod.images, pullSecrets: ["mirror"] };
  expect(podTemplate({ ...pod, images }).spec).toHaveProperty("imagePullSecrets", [
    { name: "mirror" },
  ]);
  expect(podTemplate(pod).spec).not.toHaveProperty("imagePullSecrets");
});

test("nothing of the cluster reaches the container unasked", () => {
  expect(podTemplate(pod).spec).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
  });
});

test("other annotations stand beside the checksum of the files", () => {
  const { metadata } = podTemplate({ ...pod, annotations: { "example.com/note": "x" } });
  expect(metadata).toHaveProperty("annotations", {
    "example.com/note": "x",
    "sightline.dev/config-checksum": expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  });
});
