/** What one container asks for and may use. Memory is asked for whole, so a node that takes the pod can hold it. */
export function resources(defaults: { cpuRequest: number; cpuLimit: number; memory: number }) {
  return {
    type: "object",
    description: "What the container asks for and may use.",
    additionalProperties: false,
    required: [],
    default: {},
    properties: {
      cpuRequestMillicores: {
        type: "integer",
        minimum: 10,
        maximum: 64_000,
        default: defaults.cpuRequest,
        description: "CPU asked for, in thousandths of a core.",
      },
      cpuLimitMillicores: {
        type: "integer",
        minimum: 50,
        maximum: 64_000,
        default: defaults.cpuLimit,
        description: "CPU it may use at most, in thousandths of a core.",
      },
      memoryMiB: {
        type: "integer",
        minimum: 64,
        maximum: 1_048_576,
        default: defaults.memory,
        description: "Memory request and limit; Go's own limit (GOMEMLIMIT) is 80 % of it.",
      },
    },
  } as const;
}

/** A volume of each replica. */
export function volumeGiB(defaultGiB: number, what: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 65_536,
    default: defaultGiB,
    description: `Volume of each replica for ${what}.`,
  } as const;
}

/** How many pods a workload has. */
export function replicas(defaultCount: number, why: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 50,
    default: defaultCount,
    description: why,
  } as const;
}

/** How long a backend keeps what it has. */
export function retentionDays(defaultDays: number, what: string) {
  return {
    type: "integer",
    minimum: 1,
    maximum: 3_650,
    default: defaultDays,
    description: `How long ${what} are kept, in days.`,
  } as const;
}
