import * as pulumi from "@pulumi/pulumi";
import { makeBackend } from "../kubernetes/backend.ts";
import { ringBackend, type RingArgs } from "../kubernetes/ring.ts";

/** What Loki owns: the logs. */
export type LokiArgs = RingArgs;

const loki = {
  workload: "loki",
  // A start replays the write-ahead log, and writes to the store on the way when memory is short.
  startSeconds: 600,
  // A stop writes everything that is still in memory to the store.
  graceSeconds: 300,
  offers: [],
} as const;

/**
 * Loki as one process that is everything, or as a ring of such. What is not in the object store yet is on the volumes,
 * which outlive the replicas.
 */
export class Loki extends pulumi.ComponentResource {
  constructor(name: string, args: LokiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Loki", name, {}, opts);
    makeBackend(name, this, ringBackend(loki, args));
    this.registerOutputs({});
  }
}
