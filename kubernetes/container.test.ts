import { expect, test } from "vitest";
import { platformContainer, type PlatformContainer } from "./container.ts";

const container: PlatformContainer = {
  name: "loki",
  image: "loki",
  images: { pullPolicy: "Always", pullSecrets: [] },
  size: { cpuRequestMillicores: 100, cpuLimitMillicores: 500, memoryMiB: 1_000 },
  args: ["-target=all"],
  ports: [{ name: "http-metrics", number: 3100 }],
  probes: { port: 3100, readyPath: "/ready", startSeconds: 61 },
  mounts: [],
};

test("Go gets four fifths of the container's memory, and the node knows all of it", () => {
  const { env, resources } = platformContainer(container);
  expect(env).toEqual([{ name: "GOMEMLIMIT", value: "800MiB" }]);
  expect(resources).toEqual({
    requests: { cpu: "100m", memory: "1000Mi" },
    limits: { cpu: "500m", memory: "1000Mi" },
  });
});

test.each([
  [undefined, /^grafana\/loki:/],
  ["mirror.example.com/hub", /^mirror\.example\.com\/hub\/grafana\/loki:/],
])("with the registry %s the image is %s", (registry, image) => {
  const images = { ...container.images, ...(registry === undefined ? {} : { registry }) };
  expect(platformContainer({ ...container, images }).image).toMatch(image);
});

test("without a path that says it lives, only the port is tried, for as long as a start may take", () => {
  expect(platformContainer(container)).toMatchObject({
    startupProbe: { tcpSocket: { port: 3100 }, periodSeconds: 2, failureThreshold: 31 },
    livenessProbe: { tcpSocket: { port: 3100 } },
    readinessProbe: { httpGet: { path: "/ready", port: 3100 } },
  });
});

test("a container waits before it stops only where it is told to", () => {
  expect(platformContainer(container)).not.toHaveProperty("lifecycle");
  expect(platformContainer({ ...container, leaveSeconds: 5 }).lifecycle).toEqual({
    preStop: { sleep: { seconds: 5 } },
  });
});
