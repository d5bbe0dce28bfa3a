import { spawn } from "node:child_process";
import { inject } from "vitest";
import { imageReference } from "../../config/versions.ts";
import { kubectlArgs } from "../../local/proof/port-forward.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";

/** Of the tests that look at the cluster itself. */
export const namespace = "cluster-e2e";

export const inNamespace = (...args: string[]): string[] => ["--namespace", namespace, ...args];

const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** A pod of user 1000 that runs a shell script, as Pod Security's restricted profile wants it. */
export function shellPod(
  name: string,
  script: string,
  more: { claim?: string; fsGroup?: number } = {},
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        ...(more.fsGroup === undefined ? {} : { fsGroup: more.fsGroup }),
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "shell",
          image: imageReference("busybox"),
          imagePullPolicy: "Never",
          command: ["/bin/sh", "-c", script],
          securityContext: restricted,
          volumeMounts: more.claim === undefined ? [] : [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes:
        more.claim === undefined
          ? []
          : [{ name: "data", persistentVolumeClaim: { claimName: more.claim } }],
    },
  };
}

/** Of the default storage class. */
export function claim(name: string) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
}

/** Runs a script in a pod that is there. */
export function inPod(pod: string, script: string) {
  return tryKubectl(inNamespace("exec", pod, "--", "sh", "-c", script));
}

/** Makes or changes objects, all at once. */
export async function apply(...objects: readonly object[]): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await kubectl(["apply", "-f", "-"], JSON.stringify(list));
}

/** Forwards a free port of loopback to a pod's. */
export async function portForward(target: string, port: number) {
  const { kubectl: cluster } = inject("machine");
  const args = inNamespace("port-forward", target, `:${port}`);
  const child = spawn(cluster.program, [...kubectlArgs(cluster), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const forwarded = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const local = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1];
      if (local !== undefined) resolve(local);
    });
    child.once("close", () => {
      reject(new Error(`kubectl port-forward ${target} ended before it forwarded anything`));
    });
  });
  const url = `http://127.0.0.1:${await forwarded}`;
  return { url, stop: () => void child.kill() };
}
