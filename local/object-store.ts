import {
  restrictedContainer,
  restrictedNamespaceLabels,
  restrictedPod,
} from "../kubernetes/security.ts";
import { kubectl } from "./kubectl.ts";
import type { Machine } from "./machine.ts";

/** An S3 store in a pod, in the place of the cloud's, for tests and measurements. Its keys live as long as the cluster. */
export const objectStore = {
  namespace: "object-store",
  port: 7070,
  accessKey: "test-access-key",
  secretKey: "test-secret-key",
} as const;

const labels = { "app.kubernetes.io/name": "object-store" };

/** A bucket is a folder of the store's: the init step is the store's own start, which makes those that are named. */
function manifests(image: string, buckets: readonly string[]): unknown[] {
  const { namespace, port } = objectStore;
  const metadata = { name: "object-store", namespace, labels };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: restrictedNamespaceLabels },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port, targetPort: port }] },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        automountServiceAccountToken: false,
        securityContext: restrictedPod(10001),
        terminationGracePeriodSeconds: 1,
        initContainers: [
          {
            name: "buckets",
            image,
            command: [
              "node",
              "-e",
              `for (const name of process.argv.slice(1)) require("node:fs").mkdirSync("/data/" + name)`,
              ...buckets,
            ],
            securityContext: restrictedContainer,
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
        containers: [
          {
            name: "versitygw",
            image: "versity/versitygw:v1.8.0",
            args: ["--port", `:${port}`, "posix", "--nometa", "/data"],
            env: [
              { name: "ROOT_ACCESS_KEY", value: objectStore.accessKey },
              { name: "ROOT_SECRET_KEY", value: objectStore.secretKey },
            ],
            securityContext: restrictedContainer,
            readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
        volumes: [{ name: "data", emptyDir: {} }],
      },
    },
  ];
}

/** Starts the store with these buckets and waits until it answers. */
export async function startObjectStore(
  { kubectl: cluster, helloImage }: Pick<Machine, "kubectl" | "helloImage">,
  buckets: readonly string[],
): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: manifests(helloImage, buckets) };
  await kubectl(cluster, ["apply", "-f", "-"], JSON.stringify(list));
  const { namespace } = objectStore;
  const ready = ["--for=condition=Ready", "--timeout=90s"];
  await kubectl(cluster, ["wait", "-n", namespace, "pod/object-store", ...ready]);
}
