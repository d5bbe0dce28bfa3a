import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { imageReference } from "../../config/versions.ts";
import { ensureHostProgram } from "../../local/cluster/host-tools.ts";
import { ensureImage } from "../../local/cluster/images.ts";
import { layoutOf } from "../../local/cluster/layout.ts";
import { busyboxImageSpec } from "../../local/images/busybox.ts";
import type { SpareMachine } from "./spare-machine.ts";

/** The command line of the cluster, as the arguments of `node`. */
export const clusterScript = [
  `--import=${import.meta.resolve("tsx")}`,
  join(import.meta.dirname, "..", "..", "local", "cluster", "main.ts"),
] as const;

/** Runs the cluster's command line inside and gives all that it printed. */
export async function runInside(
  machine: SpareMachine,
  ...args: string[]
): Promise<{ code: number; text: string }> {
  const command = [...clusterScript, ...args];
  const { code, stdout, stderr } = await machine.inside(process.execPath, command);
  return { code, text: `${stdout}\n${stderr}`.trim() };
}

/** `kubectl` for the cluster inside. */
export async function kubectlInside(
  machine: SpareMachine,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const kubeconfig = `--kubeconfig=${layoutOf(machine.stateDir).kubeconfig}`;
  const command = [kubeconfig, "--request-timeout=60s", ...args];
  const { program } = inject("machine").kubectl;
  const result = await machine.inside(program, command, input);
  expect(result.code, `kubectl ${args.join(" ")}: ${result.stderr}`).toBe(0);
  return result.stdout.trim();
}

/** Id of a daemon's process. */
export function processOf(machine: SpareMachine, name: string): number {
  const file = join(layoutOf(machine.stateDir).run, `${name}.pid`);
  return (JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid;
}

/** A pod that uses what leaves traces on a machine: a claim, a memory volume, a port of the host, a policy. */
const traces = [
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "tracer", labels: { app: "tracer" } },
    spec: {
      securityContext: { runAsUser: 1000, runAsNonRoot: true, fsGroup: 1000 },
      containers: [
        {
          name: "shell",
          image: imageReference("busybox"),
          imagePullPolicy: "Never",
          command: ["/bin/sh", "-c", "echo here > /data/file; sleep 3600"],
          ports: [{ containerPort: 8080, hostPort: 18080 }],
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "memory", mountPath: "/memory" },
          ],
        },
      ],
      volumes: [
        { name: "data", persistentVolumeClaim: { claimName: "data" } },
        { name: "memory", emptyDir: { medium: "Memory" } },
      ],
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "tracer" },
    spec: { type: "NodePort", selector: { app: "tracer" }, ports: [{ port: 8080 }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "tracer" },
    spec: {
      podSelector: { matchLabels: { app: "tracer" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
    },
  },
];

/** Puts on the cluster inside what would be left behind if a removal forgot it. */
export async function deployTraces(machine: SpareMachine): Promise<void> {
  const { containerdSocket } = layoutOf(machine.stateDir);
  const store = { containerdSocket, ctrNamespace: "k8s.io" } as const;
  await ensureImage(
    store,
    await busyboxImageSpec(await ensureHostProgram("busybox", console.log), console.log),
  );
  const list = { apiVersion: "v1", kind: "List", items: traces };
  await kubectlInside(machine, ["apply", "-f", "-"], JSON.stringify(list));
  await kubectlInside(machine, ["wait", "pod/tracer", "--for=condition=Ready", "--timeout=90s"]);
}
