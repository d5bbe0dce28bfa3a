import { expect, test } from "vitest";
import { examplesNamespace } from "../../config/examples.ts";
import { destroy, removeStack } from "../../local/stack.ts";
import { kubectl } from "./kubectl.ts";
import { platformObjects } from "./objects.ts";
import { testStack } from "./stacks.ts";

test("destroy of the development stack leaves nothing in the cluster", async () => {
  const { stack, settings } = testStack("dev");
  await destroy(stack, (line) => {
    console.log(`  ${line}`);
  });
  await removeStack(stack);
  const left = await platformObjects();
  expect(left.filter((name) => name.includes(settings.namespace))).toEqual([]);
  const namespaces = (await kubectl(["get", "namespaces", "-o", "name"])).split("\n");
  expect(namespaces).not.toContain(`namespace/${settings.namespace}`);
  expect(namespaces).not.toContain(`namespace/${examplesNamespace(settings)}`);
});
