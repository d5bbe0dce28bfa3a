import * as pulumi from "@pulumi/pulumi";
import { ports } from "../config/ports.ts";
import { makeBackend } from "../kubernetes/backend.ts";
import { ringBackend, type RingArgs } from "../kubernetes/ring.ts";

/** What Tempo owns: the traces. */
export type TempoArgs = RingArgs;

const tempo = {
  workload: "tempo",
  // A start replays the write-ahead log.
  startSeconds: 600,
  // A stop writes everything to the store. It would often last for ever: after a query in the last half minute, Tempo
  // 2.9 waits for a queue that nothing empties any more. By then all is written, and what is not is in the log on the
  // volume.
  graceSeconds: 60,
  offers: [{ name: "otlp-http", number: ports.tempo.otlpHttp, appProtocol: "http" }],
} as const;

/**
 * Tempo as one process that is everything, or as a ring of such. What is not in the object store yet is on the volumes,
 * which outlive the replicas.
 */
export class Tempo extends pulumi.ComponentResource {
  constructor(name: string, args: TempoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:Tempo", name, {}, opts);
    makeBackend(name, this, ringBackend(tempo, args));
    this.registerOutputs({});
  }
}
