import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mustRun } from "../../local/process.ts";
import { restrictedNamespaceLabels } from "../../kubernetes/security.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import { projectDir } from "./stacks.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels?: Record<string, string> };
      readonly spec: Record<string, unknown>;
    };
  };
}

const namespace = "sightline-admission";
const dir = mkdtempSync(join(tmpdir(), "sightline-prod-"));
let manifests: Manifest[] = [];

beforeAll(async () => {
  await mustRun(process.execPath, ["--import=tsx", "scripts/render.ts", "prod", dir], {
    cwd: projectDir,
  });
  const folder = join(dir, "manifests");
  manifests = readdirSync(folder).map(
    (file) => load(readFileSync(join(folder, file), "utf8")) as Manifest,
  );
  // Server-side dry run needs the namespace that the manifests name; a second one holds the pods to `restricted`.
  const namespaces = ["sightline", "sightline-examples", namespace].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, ...(name === namespace ? { labels: restrictedNamespaceLabels } : {}) },
  }));
  for (const item of namespaces) {
    const { code, stderr } = await tryKubectl(["create", "-f", "-"], JSON.stringify(item));
    if (code !== 0 && !stderr.includes("AlreadyExists")) throw new Error(stderr);
  }
});

afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await tryKubectl(["delete", "namespace", namespace, "--wait=false"]);
});

test("the API server accepts every manifest of the production stack", async () => {
  expect(manifests.length).toBeGreaterThan(40);
  const items = manifests.filter(({ kind }) => kind !== "Namespace");
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
  const output = await kubectl([...apply, "--field-manager=sightline-test"], list);
  expect(output.trim().split("\n")).toHaveLength(items.length);
});

test("Pod Security admits a pod of every template at the restricted level", async () => {
  const pods = manifests.flatMap(({ kind, metadata, spec }) => {
    const template = spec?.template;
    if (template === undefined) return [];
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
