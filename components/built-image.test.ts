import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deploy } from "../test/harness.ts";
import { BuiltImage } from "./built-image.ts";

test("the image is built from its folder for one platform, and pushed under its name", async () => {
  const image = "registry.example.com/sightline/hello:1.0.0-0123456789abcdef";
  let reference = "";
  const { resources } = await deploy(async () => {
    const built = new BuiltImage("hello-image", {
      image,
      context: "../examples/hello",
      platform: "linux/arm64",
    });
    reference = await new Promise((resolve) => {
      pulumi.output(built.reference).apply(resolve);
    });
  });
  expect(resources.map(({ type, inputs }) => [type, inputs])).toEqual([
    ["sightline:components:BuiltImage", {}],
    [
      "docker:index/image:Image",
      {
        imageName: image,
        build: {
          context: "../examples/hello",
          dockerfile: "../examples/hello/Dockerfile",
          platform: "linux/arm64",
        },
        buildOnPreview: false,
        skipPush: false,
      },
    ],
  ]);
  expect(reference).toBe(image);
});
