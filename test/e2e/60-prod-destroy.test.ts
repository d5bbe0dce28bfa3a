import { expect, test } from "vitest";
import { destroy, removeStack } from "../../local/stack.ts";
import { kubectl } from "./kubectl.ts";
import { platformObjects } from "./objects.ts";
import { testStack } from "./stacks.ts";

test("destroy of the production stack leaves nothing in the cluster", async () => {
  const { stack, settings } = testStack("prod");
  await destroy(stack, (line) => {
    console.log(`  ${line}`);
  });
  await removeStack(stack);
  const left = await platformObjects();
  expect(left.filter((name) => name.includes(settings.namespace))).toEqual([]);
  const namespaces = (await kubectl(["get", "namespaces", "-o", "name"])).split("\n");
  expect(namespaces).not.toContain(`namespace/${settings.namespace}`);
  await kubectl(["delete", "namespace", "object-store", "--wait=false"]);
}, 600_000);
