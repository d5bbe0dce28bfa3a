import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { record } from "./record.ts";

class Thing extends pulumi.CustomResource {}

class Part extends pulumi.ComponentResource {
  constructor(name: string, value: pulumi.Input<string>) {
    super("test:parts:Part", name);
    new Thing("test:things:Thing", name, { value, size: 1 }, { parent: this });
  }
}

test("records what is deployed, with its parents, and where secrets are", async () => {
  const resources = await record(() => new Part("one", pulumi.secret("hidden")));
  expect(resources).toEqual([
    {
      type: "test:parts:Part",
      name: "one",
      lineage: ["test:parts:Part"],
      inputs: {},
      secretInputs: [],
    },
    {
      type: "test:things:Thing",
      name: "one",
      lineage: ["test:parts:Part", "test:things:Thing"],
      inputs: { value: "hidden", size: 1 },
      secretInputs: ["value"],
    },
  ]);
});

test("a recording holds nothing of the one before", async () => {
  await record(() => new Part("one", "a"));
  const names = (await record(() => new Part("two", "b"))).map(({ name }) => name);
  expect(names).toEqual(["two", "two"]);
});

test("a program that asks the cluster is refused", async () => {
  const asking = () => pulumi.runtime.invoke("kubernetes:core:get", {}, { async: true });
  await expect(record(asking)).rejects.toThrow(
    "the program calls kubernetes:core:get: what it deploys must follow from its settings, not from a cluster",
  );
});

test("a program that fails, fails the recording", async () => {
  await expect(
    record(() => {
      throw new Error("bad wiring");
    }),
  ).rejects.toThrow("bad wiring");
});
