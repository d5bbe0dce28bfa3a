import { createRequire } from "node:module";
import type { types } from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { placeholderSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { drainImage } from "../drain/image.ts";
import { helloImage } from "../examples/hello/image.ts";
import { deployPlatform } from "../platform.ts";
import { deploy, stackSettings } from "./harness.ts";

const onAws = {
  aws: {
    oidcProviderArn:
      "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123ABCD",
  },
  storage: { credentials: "identity" },
};
const built = {
  examples: ["hello"],
  images: { registry: "registry.example.com", buildFor: "linux/amd64" },
};

function deployStack(settings: Settings) {
  return deploy(() => deployPlatform(settings, placeholderSecrets(settings)));
}

/** Files of one of Pulumi's SDKs that this process has loaded so far. */
function loaded(sdk: string): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((path) => path.includes(`/@pulumi/${sdk}/`));
}

const cloudTypes =
  /^(aws:|docker:|pulumi:providers:(aws|docker)|sightline:components:(Aws|BuiltIm))/;

describe("in this order, since a process that has loaded an SDK keeps it", () => {
  test.each(["dev", "prod"] as const)("%s makes and loads nothing of a cloud", async (stack) => {
    const { resources } = await deployStack(stackSettings(stack));
    expect(resources.filter(({ type }) => cloudTypes.test(type))).toEqual([]);
    expect(loaded("kubernetes").length).toBeGreaterThan(0);
    expect([...loaded("aws"), ...loaded("docker")]).toEqual([]);
  });

  test("with `images.buildFor`, the pod runs what was pushed", async () => {
    const { resources, get } = await deployStack(stackSettings("dev", built));
    expect(resources.filter(({ type }) => cloudTypes.test(type))).toHaveLength(2);
    expect(loaded("docker").length).toBeGreaterThan(0);
    expect(loaded("aws")).toEqual([]);
    const { template } = get("Deployment", "hello").spec as types.output.apps.v1.DeploymentSpec;
    const name = helloImage.reference("registry.example.com");
    expect(template.spec.containers[0]?.image).toBe(name);
    expect(template.metadata.labels["app.kubernetes.io/version"]).toBe(name.split(":")[1]);
    const image = resources.find(({ type }) => type === "docker:index/image:Image");
    expect(image?.inputs).toMatchObject({
      imageName: name,
      build: { context: "examples/hello", platform: "linux/amd64" },
    });
  });

  test("and so does the sidecar of a gateway that drains", async () => {
    const { resources, get } = await deployStack(stackSettings("prod", { images: built.images }));
    const image = resources.find(({ type }) => type === "docker:index/image:Image");
    const name = drainImage.reference("registry.example.com");
    expect(image?.inputs).toMatchObject({ imageName: name, build: { context: "drain" } });
    const { template } = get("StatefulSet", "gateway").spec as types.output.apps.v1.StatefulSetSpec;
    expect(template.spec.initContainers.map((container) => container.image)).toEqual([name]);
  });

  test("with `aws`, Loki and Tempo take their roles and hold no keys", async () => {
    const { resources, names, get } = await deployStack(stackSettings("prod", onAws));
    expect(loaded("aws").length).toBeGreaterThan(0);
    expect(resources.filter(({ type }) => type.startsWith("aws:"))).toHaveLength(14);
    const role = (name: string) => get("ServiceAccount", name).metadata.annotations;
    const arn = "arn:aws:iam::123456789012:role/sightline-prod";
    expect(role("loki")).toEqual({ "eks.amazonaws.com/role-arn": `${arn}-loki` });
    expect(role("tempo")).toEqual({ "eks.amazonaws.com/role-arn": `${arn}-tempo` });
    expect(names.filter((name) => name.includes("storage-keys"))).toEqual([]);
    const trusted = resources.filter(({ type }) => type === "aws:iam/role:Role");
    const accounts = trusted.map(
      ({ inputs }) => /system:serviceaccount:[a-z:]+/.exec(String(inputs["assumeRolePolicy"]))?.[0],
    );
    expect(accounts.sort()).toEqual([
      "system:serviceaccount:sightline:loki",
      "system:serviceaccount:sightline:tempo",
    ]);
  });
});
