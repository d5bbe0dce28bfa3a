function perSecond(what: string, maximum: number) {
  return { type: "integer", minimum: 0, maximum, description: what } as const;
}

/** `platform.workload`. */
export const workload = {
  type: "object",
  description:
    "What the platform must carry. When it is given, sizes follow from it where they are not written, and rules hold what is written against it; the rendered `sizing.md` lists both.",
  additionalProperties: false,
  required: ["logsPerSecond", "spansPerSecond", "series"],
  properties: {
    logsPerSecond: perSecond("Log records of all applications, on average.", 10_000_000),
    spansPerSecond: perSecond("Spans of all applications before sampling, on average.", 10_000_000),
    series: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000_000,
      description: "Metric series that are alive at the same time.",
    },
    metricPointsPerSecond: perSecond(
      "Metric points that are pushed, on average. Derived: each series once a minute, as SDKs push by default.",
      100_000_000,
    ),
    recordBytes: {
      type: "integer",
      minimum: 100,
      maximum: 1_048_576,
      default: 1_024,
      description: "Size of a record with its attributes, as it is sent.",
    },
    spansPerTrace: {
      type: "integer",
      minimum: 1,
      maximum: 100_000,
      default: 10,
      description: "Spans of an average trace.",
    },
    peakFactor: {
      type: "integer",
      minimum: 1,
      maximum: 20,
      default: 2,
      description: "The busiest minutes, as a multiple of the average.",
    },
    outageMinutes: {
      type: "integer",
      minimum: 1,
      maximum: 720,
      default: 30,
      description: "How long a backend may be away at the peak without a record being refused.",
    },
  },
} as const;
