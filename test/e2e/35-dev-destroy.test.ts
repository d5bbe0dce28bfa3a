import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examplesNamespace } from "../../config/examples.ts";
import { platformNamespaces } from "../../config/namespaces.ts";
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
  // What an agent left on its node is the node's, and would be sent by the next stack of this name.
  rmSync(join(settings.collector.agent.queue.directory, settings.namespace), { recursive: true });
  const left = await platformObjects();
  expect(left.filter((name) => name.includes(settings.namespace))).toEqual([]);
  const namespaces = (await kubectl(["get", "namespaces", "-o", "name"])).split("\n");
  for (const own of platformNamespaces(settings.namespace)) {
    expect(namespaces).not.toContain(`namespace/${own}`);
  }
  expect(namespaces).not.toContain(`namespace/${examplesNamespace(settings)}`);
});
