/** Environment variables that the files for machines outside the cluster read, each with what it holds. */
export const outsideEnvironment = {
  SIGHTLINE_TOKEN: "the tenant's token",
  SIGHTLINE_HOST: "the machine's name, as it stands on its records",
} as const;

export type OutsideVariable = keyof typeof outsideEnvironment;

/** Where a stand-alone agent keeps and finds its files, on the machine that it runs on. */
export const outsidePaths = {
  queue: "/var/lib/sightline-agent/queue",
  /** What `npm run secrets -- <stack> --print-authority` prints. */
  authority: "/etc/sightline-agent/authority.pem",
} as const;

/** Loopback only: nobody else's telemetry goes under this machine's token. */
export const outsidePorts = { otlpGrpc: 4317, otlpHttp: 4318, fluentForward: 8006 } as const;
