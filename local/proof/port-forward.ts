import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How `kubectl` is called for the cluster that is meant. */
export interface Kubectl {
  readonly program: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export interface ForwardTarget {
  readonly namespace: string;
  /** As in `svc/loki` or `pod/prometheus-0`. */
  readonly resource: string;
  readonly port: number;
}

const openTimeoutMs = 20_000;

/** Arguments that choose the cluster. */
export function kubectlArgs({ kubeconfig, context }: Kubectl): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
}

/**
 * Opens a port of this machine's loopback for each target while `work` runs. Goes by the kubelets, so no network policy
 * needs a hole for it.
 */
export async function withPortForwards<Name extends string, T>(
  kubectl: Kubectl,
  targets: Readonly<Record<Name, ForwardTarget>>,
  work: (urls: Record<Name, string>) => Promise<T>,
): Promise<T> {
  const children: ChildProcess[] = [];
  const stopAll = () => {
    for (const child of children) child.kill();
  };
  process.once("exit", stopAll);
  try {
    const opened = (Object.entries(targets) as [Name, ForwardTarget][]).map(
      async ([name, target]) => [name, await open(kubectl, target, children)] as const,
    );
    return await work(Object.fromEntries(await Promise.all(opened)) as Record<Name, string>);
  } finally {
    process.off("exit", stopAll);
    await Promise.all(children.map(stop));
  }
}

async function open(
  kubectl: Kubectl,
  target: ForwardTarget,
  children: ChildProcess[],
): Promise<string> {
  const { namespace, resource, port } = target;
  const command = ["-n", namespace, "port-forward", "--address", "127.0.0.1", resource, `:${port}`];
  const child = spawn(kubectl.program, [...kubectlArgs(kubectl), ...command], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`kubectl ${command.join(" ")}: ${[why, ...errors].join("; ")}`));
    };
    const timer = setTimeout(() => {
      fail(`no port was opened within ${openTimeoutMs / 1_000} s`);
    }, openTimeoutMs);
    child.once("error", (error) => {
      fail(error.message);
    });
    child.once("close", (code) => {
      fail(`ended with ${code ?? "a signal"}`);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, address] = /^Forwarding from (127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill();
  await closed;
}
