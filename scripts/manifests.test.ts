import { expect, test } from "vitest";
import { manifestsOf, renderedFiles, type Manifest } from "./manifests.ts";

const configMap = (namespace: string, name: string, data: Record<string, string>): Manifest => ({
  kind: "ConfigMap",
  apiVersion: "v1",
  metadata: { namespace, name },
  data,
});

test("a file an object, by kind, namespace and name, and one for each file of a ConfigMap", () => {
  const role = { apiVersion: "rbac/v1", kind: "ClusterRole", metadata: { name: "reader" } };
  const files = renderedFiles([role, configMap("shop", "web", { "web.ini": "a = 1\n" })]);
  expect(Object.fromEntries(files)).toEqual({
    "manifests/clusterrole-reader.yaml":
      "apiVersion: rbac/v1\nkind: ClusterRole\nmetadata:\n  name: reader\n",
    "manifests/configmap-shop-web.yaml":
      "apiVersion: v1\ndata:\n  web.ini: |\n    a = 1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: shop\n",
    "config/web/web.ini": "a = 1\n",
  });
});

test("secrets are not taken apart into files", () => {
  const secret = { ...configMap("shop", "web", { key: "c2VjcmV0" }), kind: "Secret" };
  expect([...renderedFiles([secret]).keys()]).toEqual(["manifests/secret-shop-web.yaml"]);
});

test("two objects of one name are told apart by nobody", () => {
  const twice = [configMap("shop", "web", {}), configMap("shop", "web", {})];
  expect(() => renderedFiles(twice)).toThrow(
    "two objects would both be manifests/configmap-shop-web.yaml: one needs another name",
  );
});

test("an object without a fixed name is refused", () => {
  const resource = { lineage: [], secretInputs: [], name: "web", inputs: { kind: "Service" } };
  expect(() => manifestsOf([{ ...resource, type: "kubernetes:core/v1:Service" }])).toThrow(
    "web has no metadata.name: Pulumi would make one up at each deployment",
  );
});
