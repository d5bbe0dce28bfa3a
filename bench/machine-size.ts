import { availableParallelism, cpus, totalmem } from "node:os";

/** What the numbers were measured on, in one line. */
export function machineSize(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `${availableParallelism()} cores (${model}), ${gib} GiB, Node ${process.versions.node}`;
}
