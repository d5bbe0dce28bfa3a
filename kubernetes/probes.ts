import type { types } from "@pulumi/kubernetes";

/** The three probes of a container that answers 200 on `readyPath` when it can serve. */
export interface HttpProbes {
  readonly port: number;
  readonly readyPath: string;
  /** Must not depend on other workloads, or an outage of one restarts all. Without it, only the port is tried. */
  readonly livePath?: string;
  /** How long a start may take, such as the replay of a write-ahead log. */
  readonly startSeconds: number;
}

const periodSeconds = 10;
const startPeriodSeconds = 2;

export function httpProbes(probes: HttpProbes): {
  startupProbe: types.input.core.v1.Probe;
  readinessProbe: types.input.core.v1.Probe;
  livenessProbe: types.input.core.v1.Probe;
} {
  const { port, readyPath, livePath } = probes;
  const alive =
    livePath === undefined ? { tcpSocket: { port } } : { httpGet: { path: livePath, port } };
  return {
    startupProbe: {
      ...alive,
      periodSeconds: startPeriodSeconds,
      timeoutSeconds: 3,
      failureThreshold: Math.ceil(probes.startSeconds / startPeriodSeconds),
    },
    readinessProbe: {
      httpGet: { path: readyPath, port },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 2,
    },
    livenessProbe: { ...alive, periodSeconds, timeoutSeconds: 5, failureThreshold: 6 },
  };
}
