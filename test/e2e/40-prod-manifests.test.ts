import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { platformNamespaces } from "../../config/namespaces.ts";
import { parseConfig } from "../../config/parse.ts";
import { mergeOverlay, readStackConfig } from "../../config/stack-file.ts";
import { privilegedNamespaceLabels, restrictedNamespaceLabels } from "../../kubernetes/security.ts";
import { renderStack } from "../../scripts/render-stack.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { projectDir } from "./stacks.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template?: { readonly spec: Record<string, unknown> } };
}

// Production as it stands, only in a namespace of the test's own: a dry run needs one that is there.
const namespace = "sightline-dry-run";
const namespaces = platformNamespaces(namespace);
let manifests: Manifest[] = [];

beforeAll(async () => {
  const written = readStackConfig(join(projectDir, "Pulumi.prod.yaml"));
  const settings = parseConfig("Pulumi.prod.yaml", mergeOverlay(written, { namespace }));
  const files = await renderStack(settings);
  manifests = [...files]
    .filter(([path]) => path.startsWith("manifests/"))
    .map(([, text]) => load(text) as Manifest);
  const labels = [restrictedNamespaceLabels, privilegedNamespaceLabels];
  const items = namespaces.map((name, index) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: labels[index] },
  }));
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
});

afterAll(async () => {
  await tryKubectl(["delete", "namespace", ...namespaces, "--wait=false"]);
});

test("the API server accepts every manifest of the production stack", async () => {
  expect(manifests.length).toBeGreaterThan(40);
  const items = manifests.filter(({ kind }) => kind !== "Namespace");
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
  const output = await kubectl([...apply, "--field-manager=sightline-test"], list);
  expect(output.trim().split("\n")).toHaveLength(items.length);
});

test("Pod Security admits a pod of every template but the agents' at the restricted level", async () => {
  const pods = manifests.flatMap(({ kind, metadata, spec }) => {
    const template = spec?.template;
    if (template === undefined || kind === "DaemonSet") return [];
    const { volumes, ...podSpec } = template.spec;
    const claimed = mountedClaims(podSpec, volumes);
    return [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `${kind.toLowerCase()}-${metadata.name}`, namespace },
        spec: { ...podSpec, volumes: claimed, serviceAccountName: "default" },
      },
    ];
  });
  expect(pods.length).toBeGreaterThanOrEqual(7);
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: pods });
  const output = await kubectl(["create", "--dry-run=server", "-f", "-"], list);
  expect(output).not.toContain("violates PodSecurity");
  expect(output.trim().split("\n")).toHaveLength(pods.length);
});

/** A template's claim volumes come from its StatefulSet, which a lone pod has not: an emptyDir takes each one's place. */
function mountedClaims(podSpec: Record<string, unknown>, volumes: unknown): unknown[] {
  const declared = (volumes ?? []) as { name: string }[];
  const containers = podSpec["containers"] as { volumeMounts?: { name: string }[] }[];
  const mounted = new Set(
    containers.flatMap((c) => (c.volumeMounts ?? []).map(({ name }) => name)),
  );
  for (const { name } of declared) mounted.delete(name);
  return [...declared, ...[...mounted].map((name) => ({ name, emptyDir: {} }))];
}
