import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { prepareNamedCluster } from "../../local/machine.ts";
import { run } from "../../local/process.ts";
import { kubectlArgs } from "../../local/proof/port-forward.ts";

const log = () => undefined;
const { cluster } = inject("machine");
const users = process.env["KUBECONFIG"];

beforeAll(() => {
  process.env["KUBECONFIG"] = cluster.kubeconfigPath;
});

afterAll(() => {
  if (users === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = users;
});

test("a stack that names a context gets that cluster and makes none", async () => {
  const { kubectl, engine } = await prepareNamedCluster({ context: cluster.contextName, log });
  const args = [...kubectlArgs(kubectl), "get", "nodes", "-o", "name"];
  expect((await run(kubectl.program, args)).stdout).toBe("node/sightline");
  expect(engine.env["KUBECONFIG"]).toBe(cluster.kubeconfigPath);
});

test("a cluster that cannot be reached is named, with what to do", async () => {
  await expect(prepareNamedCluster({ context: "elsewhere", log })).rejects.toThrow(
    /^the cluster of context elsewhere cannot be reached: .*\nFix: see that `kubectl --context elsewhere get nodes` answers/s,
  );
});
