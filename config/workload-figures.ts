import type { CollectorSignal } from "./metric-names.ts";

/** CPU of a gateway for one record, in microseconds, its queues on disk: docs/measurements.md, rounded up. */
export const gatewayCpuMicros: Readonly<Record<CollectorSignal, number>> = {
  logs: 30,
  traces: 40,
  metrics: 25,
};

/** CPU of a sampler for one span, in microseconds: docs/measurements.md, rounded up. */
export const samplerCpuMicros = 20;

/**
 * Heap of a span that waits for its decision, as a multiple of its bytes as they are sent: 1.8 alive (docs/measurements.md),
 * and what gathers between two collections.
 */
export const heldSpanFactor = 3;

/** Heap of a decision that is remembered, in bytes: docs/measurements.md, rounded up. */
export const rememberedTraceBytes = 200;

/** How many decided traces of each kind a sampler remembers for their late spans, against traces held: upstream's advice. */
export const rememberedPerHeld = 10;

/**
 * Heap that a gateway needs, in seconds of what it gets: upstream's load test of 2026 passed 128,000 records of 300 bytes a
 * second with a limit of 512 MiB, and 544,000 with 2048 MiB.
 */
export const gatewayHeapSeconds = 14;

/** Heap of a collector with nothing to do, in MiB: upstream's load tests. */
export const idleCollectorMiB = 60;

/** Memory of Prometheus for one series, in bytes: published figures are 3 kB at the least and 7 to 9 kB with room. */
export const prometheusSeriesBytes = { least: 3_000, planned: 8_192 } as const;

/** A stored sample on disk, in bytes: Prometheus' own documentation says 1 to 2. */
export const prometheusSampleBytes = 2;
